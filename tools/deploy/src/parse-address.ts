import {DeployServerFault} from './fault.ts';

/** `HOST:PORT`, `PORT` or `[::1]:PORT` → host and port; the host defaults to loopback. Fault SERVE_BAD_ADDRESS. */
export function parseAddress(text: string): {host: string; port: number} {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new DeployServerFault('SERVE_BAD_ADDRESS', `${JSON.stringify(text)} is not HOST:PORT`, {
      hint: 'for example 127.0.0.1:7000',
    });
  return {host: match[1] ?? match[2] ?? '127.0.0.1', port};
}
