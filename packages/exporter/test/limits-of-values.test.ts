import {describe, expect, test} from '@jest/globals';
import {FORMAT_NAMES, renderUnits} from '@keelson/exporter';
import {faultOf} from '@keelson/test-kit';

import {model} from './nasty.ts';

const text = (files: readonly {readonly content: string}[]) => files.map(({content}) => content).join('\n');

// renderUnits reads back what it wrote, and compares.
describe.each(FORMAT_NAMES)('%s', (format) => {
  // scf_limits(3SCF): no property of SMF is longer, and there it is refused.
  const length = format === 'smf' ? 4000 : 100_000;

  test(`holds a value of ${length} bytes, and one of nothing`, async () => {
    const {files} = await renderUnits(format, model({env: {LONG: 'x'.repeat(length), NOTHING: ''}}));
    expect(text(files)).toContain('x'.repeat(length));
  });

  test('holds names of variables that mean something to somebody', async () => {
    const names = [
      'PATH',
      'HOME',
      'IFS',
      'ENV',
      'BASH_ENV',
      'LD_PRELOAD',
      'NODE_OPTIONS',
      '_',
      'constructor',
    ];
    const env = Object.fromEntries(
      [...names, 'for', 'if', 'null', 'true'].map((name) => [name, `of ${name}`]),
    );
    const {files} = await renderUnits(format, model({env: Object.assign(Object.create(null), env)}));
    for (const name of ['HOME', 'IFS', 'LD_PRELOAD', 'constructor', 'null'])
      expect(text(files)).toContain(`of ${name}`);
  });

  test.each([
    ['a NUL', {env: {V: 'a\0b'}}],
    ['half a surrogate pair', {env: {V: '\ud800'}}],
    ['a NUL in an argument', {command: {argv: ['node', '\0']}}],
    ['a newline in a command', {command: 'node x\nnode y'}],
    ['a newline in the name of a variable', {env: {'A\nB': 'x'}}],
    ['a blank in the name of a variable', {env: {'A B': 'x'}}],
    ['a name that would be lost', {env: JSON.parse('{"__proto__": "x"}') as Record<string, string>}],
    ['a newline in a description', {description: 'x\nUser=root'}],
    ['a newline in a directory', {cwd: 'x\nUser=root'}],
    ['a newline in a file', {envFiles: [{path: '/etc/a\n[Service]'}]}],
    ['a newline in a tag', {logs: {tag: 'x\n'}}],
    ['a newline in the name of a process', {name: 'web\n'}],
    ['a slash in the name of a process', {name: '../web'}],
  ])('never sees %s', async (_, process) => {
    const fault = await faultOf(renderUnits(format, model(process)));
    expect(fault.code).toBe('EXPORT_MODEL');
  });
});

test.each(['x\nUser=root', '../x', 'x/y', 'X', '', 'x y', '-x', '$x'])(
  'an app is never called %j',
  async (name) => {
    expect((await faultOf(renderUnits('systemd', model({}, {name})))).code).toBe('EXPORT_MODEL');
  },
);

test.each(['root\nGroup=root', '0;id', '$USER', '../x', '', '-1'])(
  'an account is never called %j',
  async (name) => {
    expect((await faultOf(renderUnits('systemd', model({}, {user: {name}})))).code).toBe('EXPORT_MODEL');
  },
);
