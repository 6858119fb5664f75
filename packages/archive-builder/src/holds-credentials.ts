const SECRET_KEY = /(^|:)(_auth|_authToken|_password|key)\s*$/i;
const YARN_SECRET = /^\s*["']?(npmAuthToken|npmAuthIdent)["']?\s*:\s*(.*)$/;
/** A user and a password, neither of them a reference. */
const IN_URL = /:\/\/[^\s/@:${]*:[^\s/@${]+@/;
const REFERENCE = /^["']?\$\{[^}]+\}["']?$/;

/** Whether the text of an `.npmrc` or `.yarnrc.yml` holds a credential itself; a reference such as `${NPM_TOKEN}` is none. */
export function holdsCredentials(settings: string): boolean {
  return settings.split(/\r?\n/).some((line) => {
    if (/^\s*[;#]/.test(line)) return false;
    if (IN_URL.test(line)) return true;
    const value = YARN_SECRET.exec(line)?.[2] ?? npmSecret(line);
    return value !== undefined && value.trim() !== '' && !REFERENCE.test(value.trim());
  });
}

function npmSecret(line: string): string | undefined {
  const equals = line.indexOf('=');
  return equals !== -1 && SECRET_KEY.test(line.slice(0, equals).trim()) ? line.slice(equals + 1) : undefined;
}
