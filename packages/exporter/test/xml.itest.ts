import {spawnSync} from 'node:child_process';

import {expect, test} from '@jest/globals';
import {renderUnits, type Format} from '@keelson/exporter';
import {describeWith} from '@keelson/test-kit';

import {model, REFUSED, VALUES} from './nasty.ts';

// Python's own readers, which share no code with what wrote the files.
const READ: Readonly<Record<string, string>> = {
  launchd: `import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))`,
  smf: `import json, sys, xml.etree.ElementTree as e; r = e.parse(sys.stdin).getroot()
print(json.dumps([{v.get('name'): v.get('value') for v in r.iter('envvar')}, next(r.iter('exec_method')).get('exec')]))`,
  winsw: `import json, sys, xml.etree.ElementTree as e; r = e.parse(sys.stdin).getroot()
print(json.dumps({'env': [[v.get('name'), v.get('value')] for v in r.iter('env')], 'arguments': r.find('arguments').text}))`,
};

async function read(
  format: Format,
  values: Readonly<Record<string, string>>,
  words = Object.values(values),
): Promise<unknown> {
  const own = model({env: values, command: {argv: ['node', ...words]}});
  const {files} = await renderUnits(format, own);
  const input = files.find(({path}) => /\.(plist|xml)$/.test(path))!.content;
  const {stdout, stderr} = spawnSync('python3', ['-c', READ[format]!], {input, encoding: 'utf8'});
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const held = (refused: readonly string[]) =>
  Object.fromEntries(Object.entries(VALUES).filter(([name]) => !refused.includes(name)));

describeWith(['python3'], 'XML, read by another reader', () => {
  test('a job of launchd has every value and every word', async () => {
    // With one that XML cannot hold a launcher takes them all.
    const values = held(REFUSED['smf']!);
    expect(await read('launchd', values)).toMatchObject({
      ProgramArguments: ['/usr/bin/node', ...Object.values(values)],
      EnvironmentVariables: values,
    });
  });

  test('a manifest of SMF has every value', async () => {
    const values = held(REFUSED['smf']!);
    const [env] = (await read('smf', values, [])) as [unknown];
    expect(env).toMatchObject(values);
  });

  test('a method of SMF is a program behind the exec that startd puts before it', async () => {
    const words = ['a b', "it's", '$HOME', '50%', '100%%', 'l1\nl2', ''];
    const script = `process.stdout.write(JSON.stringify(process.argv.slice(1)))`;
    const [, exec] = (await read('smf', {}, ['-e', script, '--', ...words])) as [unknown, string];
    const method = exec.replaceAll('%%', '%').replaceAll('/usr/bin/node', process.execPath);
    const {stdout, stderr} = spawnSync('/bin/sh', ['-c', `exec ${method}`], {encoding: 'utf8'});
    expect([stdout, stderr]).toEqual([JSON.stringify(words), '']);
  });

  test('a service of WinSW has every value, once its references are replaced', async () => {
    const values = held(REFUSED['winsw']!);
    const found = (await read('winsw', values)) as {env: [string, string][]; arguments: string};
    // Environment.ExpandEnvironmentVariables() of .NET, for each in turn, with those before it.
    const env: Record<string, string> = {PATH: 'C:\\Windows', HOME: 'C:\\Users'};
    const expand = (text: string) => text.replace(/%([^%]*)%/g, (all, name: string) => env[name] ?? all);
    for (const [name, value] of found.env) env[name] = expand(value);
    expect(env).toMatchObject(values);
    expect(env['PATH']).toBe('\\srv\\shop\\current\\node_modules\\.bin;C:\\Windows');
    expect(expand(found.arguments)).toContain('"50%off"');
  });
});
