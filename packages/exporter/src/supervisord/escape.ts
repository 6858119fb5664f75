// What supervisord 4 does with a value: ConfigParser cuts ` ;` and ` #` and joins lines, `%` is a format character,
// and `environment=` knows two quotes but no escape.

// oxlint-disable no-control-regex -- control characters are what this is about

/** A value that stands for itself; undefined where there is no way to write it. */
export function plainValue(text: string): string | undefined {
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\s[;#]|^[\s;#]|\s$/.test(text)) return undefined;
  return text.replaceAll('%', '%%');
}

/** `NAME="value"` of `environment=`; undefined where there is no way to write it. */
export function environmentPair(name: string, value: string): string | undefined {
  const quote = ['"', "'"].find((one) => !value.includes(one));
  if (quote === undefined || /^['"]|['"]$|\\$/.test(value)) return undefined;
  const plain = plainValue(`x${value}x`)?.slice(1, -1);
  return plain === undefined ? undefined : `${name}=${quote}${plain}${quote}`;
}

/** One word of `command=`, which Python's shlex reads. */
export function commandWord(text: string): string | undefined {
  const quoted = `"${text.replace(/[\\"]/g, '\\$&')}"`;
  return plainValue(quoted);
}

/** The values of all; undefined as soon as one is. */
export function all<T>(values: readonly (T | undefined)[]): T[] | undefined {
  return values.includes(undefined) ? undefined : (values as T[]);
}
