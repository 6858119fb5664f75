import type {IncomingMessage} from 'node:http';
import {createInterface} from 'node:readline';
import {PublisherFault} from '../../fault.ts';
import type {PublishOptions} from '../../publish.ts';
import type {Outcome} from '../../publication.ts';
import {resultOf} from '../../remote/result-line.ts';

const MAX_LINES = 1000;

/** What a PUT came to: by its status, or by the lines of a receiver that works on it while we listen. */
export async function readAnswer(
  response: IncomingMessage,
  where: string,
  {onEvent}: PublishOptions,
): Promise<Outcome> {
  const {statusCode = 0, statusMessage = '', headers} = response;
  const type = String(headers['content-type'] ?? '');
  const streaming = type.includes('ndjson');
  const good = statusCode >= 200 && statusCode < 300;
  const lines: string[] = [];
  const tell = (line: string) => {
    if (lines.length < MAX_LINES) lines.push(line);
    onEvent?.({type: 'publisher:remote', line});
  };
  // A page for browsers, or a store's description of what it stored, is not what a person here wants to read.
  const readable =
    streaming || type === '' || (type.startsWith('text/plain') && Number(headers['content-length'] ?? 1) > 0);
  for await (const line of readable ? createInterface({input: response, crlfDelay: Infinity}) : []) {
    const message = streaming ? resultOf(line) : undefined;
    if (message?.kind === 'result') {
      message.because.forEach(tell);
      if (message.temporary) throw temporary(`${where} cannot take it now: ${message.because.at(-1) ?? ''}`);
      return {revision: message.revision, result: message.result, lines};
    }
    if (message?.kind === 'line') tell(message.text);
    else if (!streaming && line.trim() !== '') tell(line);
  }
  if (good && streaming) throw broken(where);
  if (good) return {revision: '', result: 'published', lines};
  const status = `${statusCode} ${statusMessage}`.trim();
  if (statusCode === 409 && headers['keelson-offset'] !== undefined)
    throw temporary(`${where} has another part of it than it said`, headers['retry-after']);
  // 501: it never takes a PUT.
  if ([408, 425, 429].includes(statusCode) || (statusCode >= 500 && statusCode !== 501))
    throw temporary(
      `${where} answers ${status}${lines.length > 0 ? `: ${lines[0]}` : ''}`,
      headers['retry-after'],
    );
  if (statusCode === 403)
    throw new PublisherFault(
      'PUBLISHER_AUTH',
      `${where} does not let us publish (403)${lines.length > 0 ? `: ${lines[0]}` : ''}`,
      {
        hint: 'Give a token that may write there (--token-file, KEELSON_TOKEN).',
      },
    );
  const location =
    statusCode >= 300 && statusCode < 400 ? `, it redirects to ${headers.location ?? 'nowhere'}` : '';
  return {revision: '', result: 'refused', lines: lines.length > 0 ? lines : [`${status}${location}`]};
}

function broken(where: string): PublisherFault {
  return temporary(`${where} ended its answer before it said how it went`);
}

function temporary(because: string, retryAfter?: string): PublisherFault {
  const seconds = /^\d{1,4}$/.test(retryAfter ?? '') ? Math.min(Number(retryAfter), 60) : undefined;
  return new PublisherFault('PUBLISHER_UNREACHABLE', because, {
    temporary: true,
    ...(seconds !== undefined && {retryAfterMs: seconds * 1000}),
  });
}
