// What V8 and Node print of an error, and what looks like it. Lines may end with a carriage return.

/** A JSON object: a whole record, always. */
export const isObject = (line: string): boolean => line.startsWith('{"');

export const isEmpty = (line: string): boolean => line === '' || line === '\r';

export const isIndented = (line: string): boolean => line.startsWith(' ') || line.startsWith('\t');

/** `    at f (file.js:1:2)`: of a stack. */
export const isFrame = (line: string): boolean => /^[ \t]+at /.test(line);

/** `TypeError: x`, `Error [ERR_X]: x`, also after a logger's prefix: a message of several lines may follow, then its stack. */
export const isError = (line: string): boolean =>
  line.includes('Error') &&
  !isObject(line) &&
  /(?:^|[\s:\]])(?:[A-Z]\w*)?Error(?: \[\w+\])?(?::|\r?$)/.test(line);

/** Whose stack it is that follows: of an error, or of `(node:7) Warning: x`, `Trace: x`. */
export const mayHaveStack = (line: string): boolean =>
  isError(line) || /^(?:\(node:\d+\) |Trace(?::|\r?$))/.test(line);

/** `}`, `},`, `]`, `} {` at the margin, after what it closes. */
export const isClosing = (line: string): boolean => /^[}\])]+[,;]?(?: \{)?\r?$/.test(line);

/** What introduces one more stack (Java, verror, bluebird, `--trace-uncaught`, an event nobody listens to), after an indented line. */
export const isCause = (line: string): boolean =>
  /^(?:[Cc]aused by: |From previous event:|Thrown at:|Emitted 'error' event )/.test(line);

/** `/app/server.js:3`, `node:internal/process/promises:288`: first line of an uncaught error; its source line follows. */
export const isPlace = (line: string): boolean =>
  /^(?:file:\/\/|node:|\/|\[|<|undefined|evalmachine|[A-Za-z]:\\|[\w@.-]+[\\/]).*:\d+\r?$/.test(line);

/** `        ^^^`: below the source line of an uncaught error; an empty line and the error's first follow, or that alone. */
export const isCaret = (line: string): boolean => /^[ \t]*\^+\r?$/.test(line);

/** What JSON.parse cannot read has a place and a source, but an empty line instead of the caret. */
export const isCaretless = (place: string): boolean => place.startsWith('<anonymous');

/** Of an uncaught value that is no Error. */
export const isTraceHint = (line: string): boolean => line.startsWith('(Use `node --trace');

/** `Node.js v24.1.0`: last line of an uncaught error, after an empty one. */
export const isNodeVersion = (line: string): boolean => /^Node\.js v\d/.test(line);
