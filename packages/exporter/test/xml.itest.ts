import {spawnSync} from 'node:child_process';

import {expect, test} from '@jest/globals';
import {renderUnits, type Format} from '@keelson/exporter';
import {describeWith} from '@keelson/test-kit';

import {model, REFUSED, VALUES} from './nasty.ts';

// Python's own readers, which share no code with what wrote the files.
const READ: Readonly<Record<string, string>> = {
  launchd: `import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))`,
  smf: `import json, sys, xml.etree.ElementTree as e; r = e.parse(sys.stdin).getroot()
print(json.dumps({v.get('name'): v.get('value') for v in r.iter('envvar')}))`,
  winsw: `import json, sys, xml.etree.ElementTree as e; r = e.parse(sys.stdin).getroot()
print(json.dumps({'env': [[v.get('name'), v.get('value')] for v in r.iter('env')], 'arguments': r.find('arguments').text}))`,
};

async function read(format: Format, values: Readonly<Record<string, string>>): Promise<unknown> {
  const own = model({env: values, command: {argv: ['node', ...Object.values(values)]}});
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
    expect(await read('smf', values)).toMatchObject(values);
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
