/** `https://user:secret@host/` → `https://***@host/`, for every URL in a text. */
export function redactCredentials(text: string): string {
  return text.replace(/:\/\/[^\s/]+@/g, '://***@');
}
