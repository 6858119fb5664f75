import {servePack} from '@keelson/git';
import {answer, flushed, type Http} from '../answer.ts';
import type {Site} from '../handle-request.ts';
import {advertise, bodyOf, exchange, protocolOf} from './exchange.ts';
import type {GitRoute} from './route.ts';
import {servePush} from './serve-push.ts';

/** One of git's smart HTTP requests. */
export async function serveGit(
  http: Http,
  {name, service, phase}: GitRoute,
  {by, site}: {readonly by: string | undefined; readonly site: Site},
): Promise<void> {
  const expected = `application/x-git-${service}-request`;
  if (phase === 'exchange' && http.request.headers['content-type'] !== expected)
    return answer(http, 415, `The content type must be ${expected}.`);
  const {bodyBytes} = site.desk.limitsOf(name);
  const {request, response} = http;
  if (phase === 'exchange' && service === 'receive-pack') {
    return servePush(
      {name, repository: await site.repositoryOf(name), by},
      {
        body: bodyOf(http),
        exchange: (git, body) => exchange(http, git, {service, bodyBytes, body}),
        complete: () => void request.setTimeout(0),
        onGone: (listener) => response.once('close', () => response.writableFinished || listener()),
        flushed: () => flushed(response),
      },
      site.desk,
    );
  }
  const protocol = protocolOf(http);
  await using git = await servePack({
    gitDir: await site.readableOf(name),
    service,
    advertise: phase === 'advertise',
    config: READING,
    env: protocol === undefined || service === 'receive-pack' ? {} : {GIT_PROTOCOL: protocol},
  });
  response.once('close', () => void git.stop());
  if (phase === 'advertise') await advertise(http, git, {service});
  else await exchange(http, git, {service, bodyBytes});
}

/** What a publisher asks for: the newest commit without its files. */
export const READING: Readonly<Record<string, string>> = {'uploadpack.allowFilter': 'true'};
