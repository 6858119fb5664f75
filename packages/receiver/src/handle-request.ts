import {servePack} from '@keelson/git';
import {answer, type Http} from './answer.ts';
import {isApp} from './app-name.ts';
import type {AppRepository} from './app-repository.ts';
import type {Door} from './authorization.ts';
import {advertise, exchange, protocolOf} from './exchange.ts';
import {routeOf, type Route} from './route.ts';
import {servePush, type PushDesk} from './serve-push.ts';

export interface Site {
  readonly door: Door;
  readonly apps: readonly string[] | undefined;
  readonly repositoryOf: (app: string) => Promise<AppRepository>;
  readonly desk: PushDesk;
}

/** Door, route, name, content type; then git. */
export async function handleRequest(http: Http, site: Site): Promise<void> {
  const refused = site.door(http.request);
  if (refused !== undefined) return answer(http, refused.status, refused.because);
  const route = routeOf(http.request);
  if (route === undefined) return answer(http, 404, 'This is a git remote: push to /APP.git');
  if (!isApp(route.app, site.apps)) return answer(http, 404, 'There is no such app here.');
  const expected = `application/x-git-${route.service}-request`;
  if (route.phase === 'exchange' && http.request.headers['content-type'] !== expected)
    return answer(http, 415, `The content type must be ${expected}.`);
  http.request.setTimeout(site.desk.limits.stallMs, () => http.request.socket.destroy());
  const repository = await site.repositoryOf(route.app);
  if (route.phase === 'exchange' && route.service === 'receive-pack')
    return servePush(http, {app: route.app, repository}, site.desk);
  return serveReading(http, route, {gitDir: repository.gitDir, bodyBytes: site.desk.limits.bodyBytes});
}

async function serveReading(
  http: Http,
  {service, phase, app}: Route,
  {gitDir, bodyBytes}: {readonly gitDir: string; readonly bodyBytes: number},
): Promise<void> {
  const protocol = protocolOf(http);
  await using git = await servePack({
    gitDir,
    service,
    advertise: phase === 'advertise',
    // What a publisher asks for: the newest commit without its files.
    config: {'uploadpack.allowFilter': 'true'},
    env: protocol === undefined || service === 'receive-pack' ? {} : {GIT_PROTOCOL: protocol},
  });
  http.response.once('close', () => void git.stop());
  if (phase === 'advertise') await advertise(http, git, {service, phase, app});
  else await exchange(http, git, {service, bodyBytes});
}
