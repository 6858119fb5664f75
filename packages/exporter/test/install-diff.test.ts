import {execFileSync} from 'node:child_process';

import {describe, expect, test} from '@jest/globals';
import {installDiff} from '@keelson/exporter';
import {describeWith, testdir} from '@keelson/test-kit';
import fc from 'fast-check';

const root = '/etc/x';

function diffOf(before: string | undefined, after: string | undefined, mode = 0o644): string {
  const path = 'a.service';
  const changes = [
    after === undefined
      ? ({op: 'remove', path, mode, because: 'stale'} as const)
      : ({op: 'write', path, mode, because: before === undefined ? 'new' : 'content'} as const),
  ];
  return installDiff(
    {root, changes},
    after === undefined ? [] : [{path, content: after, mode}],
    before === undefined ? [] : [{path, content: before, mode}],
  );
}

describe('installDiff', () => {
  test('a changed line stands between three that stay', () => {
    expect(diffOf('1\n2\n3\n4\n5\n6\n7\n8\n', '1\n2\n3\n4\nfive\n6\n7\n8\n')).toBe(
      'write a.service (content)\n--- /etc/x/a.service\n+++ /etc/x/a.service\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
    );
  });

  test('a new and a removed file', () => {
    expect(diffOf(undefined, 'a\n')).toContain('--- /dev/null\n+++ /etc/x/a.service\n@@ -0,0 +1 @@\n+a\n');
    expect(diffOf('a\n', undefined)).toContain('--- /etc/x/a.service\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n');
  });

  test('of a secret file only how many lines change', () => {
    const diff = diffOf('A="old"\nB="b"\n', 'A="hunter2"\nB="b"\nC="c"\n', 0o600);
    expect(diff).toBe('write a.service (content)\n(secret: 2 lines added, 1 removed)\n');
  });
});

describeWith(['git'], 'installDiff and git apply', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', '', '-d', '+e', '@@ -1 +1 @@', '\\'), {maxLength: 30})
    .chain((lines) => fc.constantFrom('', '\n').map((end) => lines.join('\n') + end));

  test('git makes the other text of every diff', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (before, after) => {
        fc.pre(before !== after && before !== '' && after !== '');
        await using directory = await testdir({'a.service': before});
        const patch = diffOf(before, after)
          .replaceAll(`${root}/`, '')
          .replace(/^--- /m, '--- a/')
          .replace(/^\+\+\+ /m, '+++ b/');
        execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
          cwd: directory.path,
          input: patch,
        });
        expect(await directory.read('a.service')).toBe(after);
      }),
      {numRuns: 25},
    );
  });
});
