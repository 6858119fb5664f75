import type {IncomingMessage} from 'node:http';
import {gitRouteOf, type GitRoute} from './git/route.ts';

/** What a request asks for; `name` is not checked yet. */
export type Route = ({readonly kind: 'git'} & GitRoute) | {readonly kind: 'put'; readonly name: string};

/** Undefined: nothing that is here. */
export function routeOf(request: IncomingMessage): Route | undefined {
  const {method} = request;
  // A request may name the whole URL (RFC 9112 §3.2.2).
  const target = (request.url ?? '').replace(/^https?:\/\/[^/?]*/i, '');
  const git = gitRouteOf(method, target);
  if (git !== undefined) return {kind: 'git', ...git};
  const [, name] = /^\/([^/?.]+)(?:\.tgz|\.tar|\.tar\.gz|\.tar\.zst)?$/.exec(target) ?? [];
  return (method === 'PUT' || method === 'HEAD') && name !== undefined ? {kind: 'put', name} : undefined;
}
