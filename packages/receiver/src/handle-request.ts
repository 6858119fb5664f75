import {answer, type Http} from './answer.ts';
import {isApp} from './app-name.ts';
import type {Door} from './authorization.ts';
import {branchesOf} from './branch-routes.ts';
import type {Crowd} from './crowd.ts';
import type {Desk} from './desk.ts';
import type {AppRepository} from './git/app-repository.ts';
import {serveGit} from './git/serve-git.ts';
import {tooLarge} from './limits.ts';
import {routeOf, type Route} from './route.ts';
import {servePut} from './upload/serve-put.ts';

export interface Site {
  readonly door: Door;
  readonly apps: readonly string[] | undefined;
  readonly crowd: Crowd;
  /** Of a push; made when it is not there. */
  readonly repositoryOf: (name: string) => Promise<AppRepository>;
  /** For whoever reads; an empty one where nothing was pushed yet. */
  readonly readableOf: (name: string) => Promise<string>;
  readonly desk: Desk;
}

/** Door, route, name, scope, size, room; then git or the upload. */
export async function handleRequest(http: Http, site: Site): Promise<void> {
  const {request, response} = http;
  const visitor = site.door(request);
  if (visitor.refused !== undefined) return answer(http, visitor.refused, visitor.because);
  const route = routeOf(request);
  if (route === undefined)
    return answer(http, 404, 'This is a git remote: push to /APP.git; or PUT a tarball to /APP.tgz');
  const apps = appsOf(route, site);
  if (apps === undefined) return answer(http, 404, 'There is no such app here.');
  const closed = apps.find((app) => visitor.apps?.includes(app) === false);
  if (closed !== undefined) return answer(http, 403, `The token ${visitor.by} is not for ${closed}.`);
  const {stallMs, sendMs, bodyBytes} = site.desk.limitsOf(route.name);
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) {
    const {status, because} = tooLarge(bodyBytes);
    return answer(http, status, because);
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const leave = await site.crowd.enter(gone.signal);
  if (leave === undefined) {
    response.setHeader('retry-after', '10');
    return answer(http, 503, 'Too many pushes at the same time. Try again.');
  }
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  request.setTimeout(stallMs, () => request.socket.destroy());
  const tooSlow = setTimeout(() => request.complete || request.destroy(), sendMs);
  try {
    if (route.kind === 'put') await servePut(http, {app: route.name, by: visitor.by}, site.desk);
    else {
      await serveGit(http, route, {by: visitor.by, site});
    }
  } finally {
    clearTimeout(tooSlow);
    leave();
  }
}

/** The apps that a name stands for; undefined when there are none of that name. */
export function appsOf(
  {kind, name}: Pick<Route, 'kind' | 'name'>,
  {apps, desk}: Pick<Site, 'apps' | 'desk'>,
): string[] | undefined {
  if (kind === 'put') return isApp(name, apps) ? [name] : undefined;
  const all = [...branchesOf(name, desk.branches).values()].flat().map(({app}) => app);
  return isApp(name, undefined) && all.every((app) => isApp(app, apps)) ? all : undefined;
}
