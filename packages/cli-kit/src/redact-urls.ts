// From `://` to the last `@` before the path: a password may itself hold an `@`.
const USER_INFO = /:\/\/([^\s/?#"'<>]+)@/g;
const SECRET_PARAMETER =
  /([?&](?:[\w.-]*(?:token|secret|password|passwd|signature|credential)|api[-_]?key|auth|sig|key)=)[^&\s"'<>#]+/gi;

/** A login name alone is no secret where the key is elsewhere (`ssh://git@host`); in front of http it may be a token. */
function isLoginName(userInfo: string, scheme: string): boolean {
  return !userInfo.includes(':') && /ssh$/i.test(scheme);
}

/** The text with the credentials of every URL in it replaced by `***`: user and password, tokens in the query. */
export function redactUrls(text: string): string {
  return text
    .replace(USER_INFO, (match, userInfo: string, offset: number) =>
      isLoginName(userInfo, text.slice(Math.max(0, offset - 8), offset)) ? match : '://***@',
    )
    .replace(SECRET_PARAMETER, '$1***');
}
