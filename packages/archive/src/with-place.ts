const FULL = /^(ENOSPC|EDQUOT|EFBIG)$/;

/** The same error; that of a write to a descriptor, which names no file, gets the place where there is no room. */
export function withPlace(error: unknown, path: string): unknown {
  const {code = '', path: named} = error as NodeJS.ErrnoException;
  return FULL.test(code) && named === undefined ? Object.assign(error as object, {path}) : error;
}
