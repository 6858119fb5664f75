import {DeployServerFault} from './fault.ts';

/** A release's number as a user writes it: `3` or `v3`. Fault SERVE_BAD_VALUE. */
export function releaseNumber(text: string): number {
  const [, number] = /^v?([1-9]\d{0,14})$/.exec(text) ?? [];
  if (number !== undefined) return Number(number);
  throw new DeployServerFault('SERVE_BAD_VALUE', `${JSON.stringify(text)} is no number of a release`, {
    hint: 'keelson deploy releases lists them.',
  });
}
