/**
 * Lets what root makes from here on be read by apps that run as somebody else; secrets have modes of their own. On hardened machines the
 * umask of root is 027 or 077, and no app could read its release. An ordinary user's own umask stays.
 */
export function readableByApps(): void {
  if (process.getuid?.() === 0) process.umask(process.umask() & 0o022);
}
