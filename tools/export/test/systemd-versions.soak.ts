import {expect, test} from '@jest/globals';
import {debianRoot, describeWith, describeWithBox, systemdBox} from '@keelson/test-kit';

import {checkValuesAndCommands} from './check-values-and-commands.ts';

const RELEASES = [
  {suite: 'bullseye', version: 247},
  {suite: 'trixie', version: 257},
] as const;

describeWith(['mmdebstrap'], 'other versions of systemd', () => {
  describeWithBox('in a box', () => {
    test.each(RELEASES)(
      'systemd $version of $suite: every value and every style of command arrives, and nothing stays',
      async ({suite, version}) => {
        // 257 no longer knows the old cgroup hierarchies.
        await using box = await systemdBox({lower: await debianRoot(suite), onlyV2: true});
        expect(box.version).toBe(version);
        expect(await checkValuesAndCommands(box)).toEqual({values: 214, commands: 45});
      },
      600_000,
    );
  });
});
