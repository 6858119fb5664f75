import {BuildFault} from './fault.ts';
import {findSecrets, type SecretOptions} from './find-secrets.ts';

const SHOWN = 10;

/** Stops a build whose archive would carry a secret of the app around. Faults: BUILD_SECRET, naming each file. */
export function refuseSecrets(dir: string, options: SecretOptions): void {
  const secrets = findSecrets(dir, options);
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
