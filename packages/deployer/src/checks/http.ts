import {request} from 'node:http';
import type {HealthCheck} from '@keelson/releases';
import type {Reach} from '../runtime.ts';

type HttpCheck = Extract<HealthCheck, {http: string}>;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const ATTEMPT_MS = 5000;
const MOST_BYTES = 64 * 1024;

/** Why the answer is not the one that is wanted; undefined: it is. */
export async function whyOtherAnswer(check: HttpCheck, reach: Reach): Promise<string | undefined> {
  let answer: Answer;
  try {
    answer = await ask(check.http, reach);
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    return `GET ${check.http}: ${code ?? message}`;
  }
  const {status, headers, body} = answer;
  const wanted = check.status === undefined ? undefined : [check.status].flat();
  if (wanted === undefined ? status < 200 || status > 399 : !wanted.includes(status))
    return `GET ${check.http} answered ${status}${wanted === undefined ? '' : `, not ${wanted.join(' or ')}`}`;
  for (const [name, expression] of Object.entries(check.headers ?? {})) {
    const value = [headers[name.toLowerCase()] ?? []].flat().join(', ');
    if (!new RegExp(expression).test(value))
      return `GET ${check.http}: the header ${name} is ${JSON.stringify(value)}, which /${expression}/ does not match`;
  }
  if (check.body !== undefined && !new RegExp(check.body).test(body))
    return `GET ${check.http}: /${check.body}/ does not match the body`;
  return undefined;
}

function ask(path: string, reach: Reach): Promise<Answer> {
  const to = 'socketPath' in reach ? {socketPath: reach.socketPath} : {host: reach.host, port: reach.port};
  return new Promise((resolve, reject) => {
    const headers = {host: 'localhost', connection: 'close', 'user-agent': 'keelson-deployer'};
    const asked = request({...to, path, headers, agent: false}, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const answered = () => {
        const body = Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8');
        resolve({status: response.statusCode ?? 0, headers: response.headers, body});
        asked.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes >= MOST_BYTES) answered();
      });
      response.once('end', answered);
      response.once('error', reject);
    });
    asked.setTimeout(ATTEMPT_MS, () => asked.destroy(new Error(`no answer within ${ATTEMPT_MS / 1000} s`)));
    asked.once('error', reject);
    asked.end();
  });
}
