// What Node says of a connection that failed, and whether another try may help.
const REASONS: Readonly<Record<string, readonly [because: string, temporary: boolean]>> = {
  ECONNREFUSED: ['nobody listens there', true],
  ECONNRESET: ['the connection broke', true],
  EPIPE: ['the connection broke', true],
  ETIMEDOUT: ['it does not answer', true],
  EHOSTUNREACH: ['there is no way to it', true],
  ENETUNREACH: ['there is no network', true],
  ENOTFOUND: ['there is no such host', true],
  EAI_AGAIN: ['its name cannot be looked up now', true],
  EPROXY: ['the proxy does not let us through', true],
  EPROXYGONE: ['the proxy of the environment cannot be reached', true],
  EPROXYAUTH: ['the proxy wants a password', false],
  HPE_INVALID_CONSTANT: ['it does not speak HTTP', false],
};

/** Why a host could not be talked to; undefined when the error is of another kind. */
export function connectionFailure(error: unknown): {because: string; temporary: boolean} | undefined {
  const {
    code = '',
    message = '',
    errors,
  } = (error ?? {}) as {
    readonly code?: string;
    readonly message?: string;
    readonly errors?: readonly unknown[];
  };
  // Several addresses were tried (happy eyeballs): the last one speaks for all.
  if (Array.isArray(errors) && errors.length > 0) return connectionFailure(errors.at(-1));
  const known = REASONS[code];
  if (known !== undefined) return {because: known[0], temporary: known[1]};
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/.test(code))
    return {because: `its certificate is not trusted (${code})`, temporary: false};
  if (/^(ERR_SSL|ERR_TLS|EPROTO|HPE_)/.test(code)) return {because: message, temporary: false};
  return message === 'aborted' || message === 'socket hang up'
    ? {because: 'the connection broke', temporary: true}
    : undefined;
}

/** A pause before try number `tries + 1`: doubled each time, at most 8 s, half of it by chance so that many do not come back at once. */
export function pauseAfter(tries: number, firstMs = 250): number {
  const most = Math.min(firstMs * 2 ** (tries - 1), 8000);
  return most / 2 + (Math.random() * most) / 2;
}
