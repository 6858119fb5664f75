/** A failed call to the operating system, as Node reports it. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

interface Sentence {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly temporary?: boolean;
}

function isSystemError(error: unknown): error is SystemError {
  const {code, syscall} = (error ?? {}) as Partial<SystemError>;
  return typeof code === 'string' && typeof syscall === 'string' && /^E[A-Z0-9_]+$/.test(code);
}

/** The system error in an error: itself, what `fetch` failed for, or the first of the addresses that were tried. */
export function systemErrorIn(error: unknown): SystemError | undefined {
  if (isSystemError(error)) return error;
  const {cause, errors, message} = (error ?? {}) as {cause?: unknown; errors?: unknown[]; message?: unknown};
  if (Array.isArray(errors)) return errors.map(systemErrorIn).find((found) => found !== undefined);
  return message === 'fetch failed' ? systemErrorIn(cause) : undefined;
}

function place(error: SystemError): string {
  if (error.path !== undefined)
    return error.dest === undefined ? error.path : `${error.path} → ${error.dest}`;
  const host = error.address ?? error.hostname;
  if (error.port !== undefined && error.port > 0)
    return `${host === undefined ? 'port ' : `${host}:`}${error.port}`;
  return host ?? '';
}

function named(text: string, error: SystemError): string {
  const where = place(error);
  return where === '' ? text : `${text}: ${where}`;
}

function missing(error: SystemError): Sentence {
  if (error.syscall.startsWith('spawn'))
    return {message: named('program not found', error), hint: 'is it installed, and on PATH?'};
  if (error.syscall === 'uv_cwd' || error.syscall === 'getcwd')
    return {message: 'the current directory no longer exists', hint: 'change into one that does'};
  return {message: named('no such file or directory', error)};
}

function forbidden(error: SystemError): Sentence {
  const low = error.port !== undefined && error.port > 0 && error.port < 1024;
  if (error.syscall === 'listen' || error.syscall === 'bind') {
    const hint = low ? 'ports below 1024 need root or CAP_NET_BIND_SERVICE' : undefined;
    return {message: `not allowed to listen on ${place(error)}`, hint};
  }
  return {message: named('permission denied', error)};
}

const SENTENCES: Readonly<Record<string, (error: SystemError) => Sentence>> = {
  ENOENT: missing,
  EACCES: forbidden,
  EPERM: forbidden,
  EADDRINUSE: (error) => ({
    message: `${place(error)} is already in use`,
    hint: 'another program listens there; stop it or choose another port',
  }),
  EADDRNOTAVAIL: (error) => ({message: `this machine has no address ${place(error)}`}),
  ENOTDIR: (error) => ({message: named('not a directory', error)}),
  EISDIR: (error) => ({message: named('is a directory, a file was expected', error)}),
  EEXIST: (error) => ({message: named('exists already', error)}),
  ENOTEMPTY: (error) => ({message: named('the directory is not empty', error)}),
  EROFS: (error) => ({message: named('the file system is read-only', error)}),
  EBUSY: (error) => ({message: named('in use by another program', error), temporary: true}),
  ETXTBSY: (error) => ({message: named('the program is being run or written', error), temporary: true}),
  EXDEV: (error) => ({message: named('not on one file system', error)}),
  ELOOP: (error) => ({message: named('symbolic links lead in a circle', error)}),
  ENAMETOOLONG: (error) => ({message: named('the name is too long', error)}),
  EINVAL: (error) => ({message: named(`${error.syscall} is not possible here`, error)}),
  ENOSPC: (error) =>
    error.syscall === 'watch'
      ? {message: 'the limit of watched files is reached', hint: 'raise fs.inotify.max_user_watches'}
      : {message: named('no space left on the device', error), hint: 'free some space (df -h, df -i)'},
  EDQUOT: (error) => ({message: named('the disk quota is used up', error)}),
  EMFILE: () => ({message: 'too many open files', hint: 'raise the limit (ulimit -n)', temporary: true}),
  ENFILE: () => ({message: 'too many open files on this machine', temporary: true}),
  ENOMEM: () => ({message: 'not enough memory', temporary: true}),
  EAGAIN: (error) => ({message: named('resources are used up for the moment', error), temporary: true}),
  E2BIG: (error) => ({message: named('the arguments or the environment are too long', error)}),
  ENOEXEC: (error) => ({message: named('not a program that this machine can run', error)}),
  ECONNREFUSED: (error) => ({message: named('connection refused', error), temporary: true}),
  ECONNRESET: (error) => ({message: named('the connection was cut', error), temporary: true}),
  ETIMEDOUT: (error) => ({message: named('no answer in time', error), temporary: true}),
  EHOSTUNREACH: (error) => ({message: named('host not reachable', error), temporary: true}),
  ENETUNREACH: (error) => ({message: named('network not reachable', error), temporary: true}),
  ENOTFOUND: (error) => ({message: named('no such host', error), hint: 'check its spelling'}),
  EAI_AGAIN: (error) => ({message: named('the name server does not answer', error), temporary: true}),
};

/** What the user is told about a system error; undefined for one that no user's mistake leads to. */
export function systemSentence(error: SystemError): Sentence | undefined {
  return SENTENCES[error.code]?.(error);
}
