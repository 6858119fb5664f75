import {expect, test} from '@jest/globals';
import {describeWith} from '@keelson/test-kit';
import {otherManager} from './other-manager.ts';
import {app, PREPARED, strippedAndPrepared} from './stripped-app.ts';

const pnpm = otherManager('pnpm', '12.21.0');

describeWith(
  ['gcc', 'make', 'python3', pnpm.program],
  'an add-on that is stripped is built and loaded on the target',
  () => {
    test('pnpm', async () => {
      await using dir = await app({packageManager: pnpm.field}, (cwd) =>
        pnpm.run(cwd, 'install', '--lockfile-only'),
      );
      expect(await strippedAndPrepared(dir)).toEqual(PREPARED);
    }, 120_000);
  },
);
