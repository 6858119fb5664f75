import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {renderUnits, type Format} from '@keelson/exporter';
import {faultOf, packageRoot, testdir, type Tree} from '@keelson/test-kit';

import {model} from './nasty.ts';

const builtIn = (file: string) => readFileSync(join(packageRoot(import.meta.url), 'templates', file), 'utf8');
const shop = model({env: {SECRET: 'hunter2'}}, {user: {name: 'www-data'}});

async function faultWith(format: Format, tree: Tree) {
  await using directory = await testdir(tree);
  return faultOf(renderUnits(format, shop, {templates: [directory.path]}));
}

describe('templates of one’s own', () => {
  test('are asked in the order of their directories, each by itself, the built-in ones last', async () => {
    await using directory = await testdir({
      'one/systemd/target.hbs': '{{marker}}\n# one\n',
      'two/systemd/target.hbs': '{{marker}}\n# two\n',
      'two/systemd/service.hbs': `${builtIn('systemd/service.hbs')}# two\n`,
      'three/': '',
    });
    const templates = ['none', 'three', 'one', 'two'].map((name) => directory.at(name));
    const {files} = await renderUnits('systemd', shop, {templates});
    const content = (end: string) => files.find(({path}) => path.endsWith(end))!.content;
    expect(content('.target')).toContain('# one\n');
    expect(content('.service')).toContain('# two\n');
    expect(content('.env')).toContain('hunter2');
  });

  test('get fields that are escaped already: nothing is escaped twice', async () => {
    await using directory = await testdir({'compose/compose.hbs': builtIn('compose/compose.hbs')});
    const own = model({env: {V: `<b>&"'\`{{x}}`}});
    const [mine, ours] = await Promise.all(
      [[directory.path], []].map((templates) => renderUnits('compose', own, {templates})),
    );
    expect(mine).toEqual(ours);
  });

  test.each<[string, string, string]>([
    ['a field that there isn’t', '{{marker}}\n{{nothing}}\n', '"nothing" not defined'],
    ['a template that is none', '{{marker}}\n{{#if x}}\n', "got 'EOF'"],
    ['a helper that there isn’t', '{{marker}}\n{{upper id}}\n', 'upper'],
  ])('%s is a plain sentence with the file', async (_, text, because) => {
    const fault = await faultWith('systemd', {'systemd/service.hbs': text});
    expect(fault.code).toBe('EXPORT_TEMPLATE');
    expect(fault.message).toMatch(/systemd\/service\.hbs: /);
    expect(fault.message).toContain(because);
    expect(fault.message.split('\n')).toHaveLength(1);
  });

  test('a misspelled name is refused, with the nearest one', async () => {
    const fault = await faultWith('systemd', {'systemd/servce.hbs': ''});
    expect(fault).toMatchObject({code: 'EXPORT_TEMPLATE', hint: 'Did you mean service?'});
  });

  test.each<[Format, string, string, string]>([
    ['systemd', 'service', 'User={{user}}', 'User=root'],
    ['systemd', 'service', 'User={{user}}', 'User={{user}}\nExecStartPre=+/bin/sh -c "id >/root/x"'],
    ['systemd', 'service', 'User={{user}}', 'User={{user}}\nExecStartPost=-!/bin/id'],
    ['systemd', 'service', 'User={{user}}', 'User={{user}}\nDynamicUser=yes'],
    [
      'systemd',
      'service',
      'User={{user}}',
      String.raw`User={{user}}
ExecStartPost=+/bin/sh -c "echo $$MAINPID >\"$$0\"" "/run/../etc/x"`,
    ],
    ['systemd', 'service', 'ExecStart={{execStart}}', 'ExecStart=/bin/sh -c "{{execStart}}"'],
    ['runit', 'run', '{{this}}', '{{this}} # {{this}}\nexport SECRET=x'],
    ['supervisord', 'program', 'environment={{environment}}', 'environment={{environment}},B="x"'],
    ['launchd', 'job', '{{this}}', '{{this}}<!-- x -->'],
    ['kubernetes', 'object', '{{document}}', '[{{document}}]'],
    ['nomad', 'job', '{{this}}', '{{this}}\nuser = "root"'],
    ['quadlet', 'container', 'Image={{image}}', 'Image={{image}}\nPodmanArgs=--user=0'],
    ['quadlet', 'container', 'Image={{image}}', 'Image={{image}}\nEnvironment=MORE=1'],
    ['winsw', 'service', '{{executable}}', '{{executable}}%PATH%'],
  ])('of %s that make %s.hbs say something else fail the rendering', async (format, name, from, to) => {
    const text = builtIn(`${format}/${name}.hbs`);
    expect(text).toContain(from);
    const fault = await faultWith(format, {[`${format}/${name}.hbs`]: text.replace(from, () => to)});
    expect(fault.code).toBe('EXPORT_MISMATCH');
    expect(fault.message).not.toContain('hunter2');
  });
});

test('units of a user’s own manager name no account, and the report says so', async () => {
  const {files, report} = await renderUnits('systemd', {...shop, target: {scope: 'user'}});
  expect(files.map(({content}) => content).join('')).not.toMatch(/^(User|Group)=/m);
  expect(report).toContainEqual(expect.objectContaining({field: 'user.name', status: 'unsupported'}));
});
