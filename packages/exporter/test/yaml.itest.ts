import {spawnSync} from 'node:child_process';

import {expect, test} from '@jest/globals';
import {renderUnits} from '@keelson/exporter';
import {describeWith} from '@keelson/test-kit';

import {model, VALUES} from './nasty.ts';

// Debian's python3-yaml (libyaml's rules of YAML 1.1), which shares no code with what wrote the file.
const READ = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))';

const installed = spawnSync('python3', ['-c', 'import yaml']).status === 0;

describeWith([installed ? 'python3' : 'python3-yaml'], 'compose, read by a YAML parser', () => {
  test('every value is the same text, but for $', async () => {
    const {files} = await renderUnits(
      'compose',
      model({env: VALUES, command: {argv: ['node', ...Object.values(VALUES)]}}),
    );
    const {stdout} = spawnSync('python3', ['-c', READ], {input: files[0]!.content, encoding: 'utf8'});
    const {services} = JSON.parse(stdout) as {
      services: Record<string, {environment: Record<string, string>; entrypoint: string[]}>;
    };
    const {environment, entrypoint} = services['web-1']!;
    const undone = (text: string) => text.replaceAll('$$', '$');
    for (const [name, value] of Object.entries(VALUES)) expect(undone(environment[name]!)).toBe(value);
    expect(entrypoint.slice(1).map(undone)).toEqual(Object.values(VALUES));
  });
});
