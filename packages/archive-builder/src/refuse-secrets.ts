import {BuildFault} from './fault.ts';
import type {ContentOptions} from './build-options.ts';
import {findSecrets, type SecretOptions} from './find-secrets.ts';

const SHOWN = 10;

export interface RefuseSecretsOptions extends Omit<SecretOptions, 'allowed' | 'forbidden'> {
  readonly contents?: ContentOptions | undefined;
}

/** Stops a build whose archive would carry a secret of the app around. Faults: BUILD_SECRET, naming each file. */
export async function refuseSecrets(
  dir: string,
  {contents = {}, ...others}: RefuseSecretsOptions,
): Promise<void> {
  const {default: ignore} = await import('ignore');
  const patterns = ignore().add([...(contents.secrets ?? [])]);
  const forbidden = (path: string) => patterns.ignores(path);
  const secrets = findSecrets(dir, {...others, allowed: contents.allowSecrets ?? [], forbidden});
  if (secrets.length === 0) return;
  const lines = secrets
    .slice(0, SHOWN)
    .map(({path, line, because}) => `${path}${line === undefined ? '' : `:${line}`}: ${because}`);
  const more = secrets.length > SHOWN ? [`and ${secrets.length - SHOWN} more`] : [];
  throw new BuildFault(
    'BUILD_SECRET',
    `what looks like a secret would go into the archive:\n  ${[...lines, ...more].join('\n  ')}`,
    {
      hint: `Keep it out of the sources, and bind it at deploy time; if it is none: --allow-secret ${secrets[0]!.path}`,
    },
  );
}
