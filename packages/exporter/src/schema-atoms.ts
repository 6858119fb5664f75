import * as z from 'zod/mini';

// oxlint-disable no-control-regex -- control characters are what these keep out

const LINE = /^[^\u0000-\u001f\u007f]*$/;
// What no manager can pass on: execve(2) ends a string at NUL, and half a surrogate pair is no text.
const isText = (text: string) => !text.includes('\0') && !/\p{Surrogate}/u.test(text);

export const matching = (pattern: RegExp, because: string) => z.string().check(z.regex(pattern, because));
export const line = matching(LINE, 'holds a control character');
export const text = z.string().check(z.refine(isText, 'holds a NUL or half a surrogate pair'));
export const absolute = z.string().check(
  z.regex(/^\/[^\u0000-\u001f\u007f]*$/, 'is not an absolute path without control characters'),
  z.refine((path) => !path.split('/').includes('..'), 'goes upwards'),
);
export const inside = z.string().check(
  z.regex(LINE, 'holds a control character'),
  z.refine((path) => path !== '' && !path.split('/').includes('..'), 'is empty or goes upwards'),
);
export const milliseconds = z.int().check(z.gte(0), z.lte(86_400_000));
export const count = z.int().check(z.gte(1), z.lte(1_000_000_000));
export const variable = matching(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'is not a name that shells and managers pass on: letters, digits and _, no digit first',
);
