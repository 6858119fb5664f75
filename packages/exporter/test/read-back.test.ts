import {describe, expect, test} from '@jest/globals';
import {renderUnits, verifyUnits, type Rendering, type ServiceModel} from '@keelson/exporter';

const model: ServiceModel = {
  schema: 1,
  name: 'shop',
  root: '/srv/shop',
  user: {name: 'shop', group: 'web'},
  processes: [{name: 'web', command: '/bin/sh --x', env: {SECRET: 'hunter2'}}],
};

async function tampered(change: (content: string) => string): Promise<readonly string[]> {
  const rendering = await renderUnits('systemd', model);
  const files = rendering.files.map((file) => ({...file, content: change(file.content)}));
  const changed: Rendering = {...rendering, files};
  return (await verifyUnits(changed, model)).problems;
}

describe('reading rendered files back', () => {
  test.each<[string, string, string, string]>([
    ['another user', 'User=shop', 'User=root', 'user of web.1'],
    ['another group', 'Group=web', 'Group=root', 'group of web.1'],
    ['another directory', 'WorkingDirectory=/srv/shop', 'WorkingDirectory=/', 'cwd of web.1'],
    ['another argument', '"--x"', '"--y"', 'the command of web.1'],
    ['a variable in the command', '"--x"', '"$HOME"', 'ExecStart= as it is meant'],
    ['a specifier in the command', '"--x"', '"%h"', 'ExecStart= as it is meant'],
    ['an unknown escape', '"--x"', '"\\q"', 'ExecStart= as it is meant'],
    ['another value', 'hunter2', 'hunter3', 'variable SECRET of web.1'],
    ['a variable more', 'SECRET=', 'MORE=1\nSECRET=', 'variable MORE of web.1'],
    ['an injected user', 'User=shop', 'User=shop\nUser=root', 'User= is there twice'],
    ['a line that is no directive', 'User=shop', 'User shop', 'would not read this line'],
    ['a continued line', 'User=shop', 'User=shop\\', 'user of web.1'],
  ])('finds %s', async (_, from, to, problem) => {
    const problems = await tampered((content) => content.replace(from, to));
    expect(problems[0]).toContain(problem);
    expect(problems.join('\n')).not.toContain('hunter');
  });

  test('finds nothing in what was rendered', async () => {
    expect(await tampered((content) => content)).toEqual([]);
  });
});
