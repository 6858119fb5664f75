import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'List, verify, extract, compare and sign archives.';

export const commands: CommandTable = {
  list: () => import('./cli/list.ts'),
  verify: () => import('./cli/verify.ts'),
  diff: () => import('./cli/diff.ts'),
  sbom: () => import('./cli/sbom.ts'),
  provenance: () => import('./cli/provenance.ts'),
  sign: () => import('./cli/sign.ts'),
  key: () => import('./cli/key.ts'),
  extract: () => import('./cli/extract.ts'),
};
