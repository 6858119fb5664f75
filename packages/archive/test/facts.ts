import type {ManifestFacts} from '@keelson/archive';

export const FACTS: ManifestFacts = {
  name: 'app',
  version: '1.2.3',
  source: {revision: 'f'.repeat(40), origin: 'https://git.example.com/app.git', dirty: false},
  builder: 'test/1.0.0',
  node: {range: '>=20', version: '20.19.0', abi: '115', platform: 'linux', arch: 'x64', libc: 'glibc'},
  packageManager: {name: 'npm', version: '11.0.0', lockfile: 'package-lock.json'},
  scripts: ['build'],
  processTypes: ['web'],
  required: ['DATABASE_URL'],
  addons: [],
};
