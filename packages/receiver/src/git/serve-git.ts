import {servePack} from '@keelson/git';
import {answer, flushed, type Http} from '../answer.ts';
import type {Desk} from '../desk.ts';
import {advertise, bodyOf, exchange, protocolOf, tooLarge} from './exchange.ts';
import type {GitRoute} from './route.ts';
import {servePush, type GitPush} from './serve-push.ts';

/** One of git's smart HTTP requests. */
export async function serveGit(
  http: Http,
  {service, phase}: GitRoute,
  {push, desk}: {readonly push: GitPush; readonly desk: Desk},
): Promise<void> {
  const expected = `application/x-git-${service}-request`;
  if (phase === 'exchange' && http.request.headers['content-type'] !== expected)
    return answer(http, 415, `The content type must be ${expected}.`);
  const {bodyBytes} = desk.limitsOf(push.name);
  const {request, response} = http;
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) {
    const {status, because} = tooLarge(bodyBytes);
    return answer(http, status, because);
  }
  if (phase === 'exchange' && service === 'receive-pack') {
    return servePush(
      push,
      {
        body: bodyOf(http),
        exchange: (git, body) => exchange(http, git, {service, bodyBytes, body}),
        complete: () => void request.setTimeout(0),
        onGone: (listener) => response.once('close', () => response.writableFinished || listener()),
        flushed: () => flushed(response),
      },
      desk,
    );
  }
  const protocol = protocolOf(http);
  await using git = await servePack({
    gitDir: push.repository.gitDir,
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
