import {expect, test} from '@jest/globals';
import {renderUnits, type ServiceModel, verifyUnits} from '@keelson/exporter';

const model: ServiceModel = {
  schema: 1,
  name: 'shop',
  root: '/srv',
  processes: [{name: 'web', command: '/bin/app', restart: {policy: 'no'}, hooks: {postStop: ['true']}}],
};

test.each(['runit', 's6', 'sysv', 'openrc'] as const)(
  'the shell reads every script of %s',
  async (format) => {
    const rendering = await renderUnits(format, model);
    const {checks, problems} = await verifyUnits(rendering, model);
    const scripts = rendering.files.some(({content}) => content.startsWith('#!/bin/sh'));
    expect(problems).toEqual([]);
    expect(checks.some(({name, result}) => name === 'sh' && result === 'passed')).toBe(scripts);
  },
);

test('a script that it cannot read is a problem, by its name', async () => {
  const rendering = await renderUnits('runit', model);
  const files = rendering.files.map((file) =>
    file.path.endsWith('/finish') ? {...file, content: `${file.content}if true; then\n`} : file,
  );
  const {problems} = await verifyUnits({...rendering, files}, model);
  expect(problems).toEqual([expect.stringMatching(/^shop-web-1\/finish: \d+: Syntax error/)]);
});
