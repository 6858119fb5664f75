import type {IncomingMessage} from 'node:http';
import {gitRouteOf, type GitRoute} from './git/route.ts';

/** What a request asks for; `name` is not checked yet. */
export type Route = ({readonly kind: 'git'} & GitRoute) | {readonly kind: 'put'; readonly name: string};

/** Undefined: nothing that is here. */
export function routeOf(request: IncomingMessage): Route | undefined {
  const git = gitRouteOf(request);
  if (git !== undefined) return {kind: 'git', ...git};
  const [, name] = /^\/([^/?.]+)(?:\.tgz|\.tar|\.tar\.gz|\.tar\.zst)?$/.exec(request.url ?? '') ?? [];
  return (request.method === 'PUT' || request.method === 'HEAD') && name !== undefined
    ? {kind: 'put', name}
    : undefined;
}
