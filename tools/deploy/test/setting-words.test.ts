import {describe, expect, test} from '@jest/globals';
import {changeSettings} from '@keelson/releases';
import {expectFault, testdir} from '@keelson/test-kit';
import {queryOptions, serverQuery} from '../dist/server-query.js';
import {resetChanges, settingChanges} from '../dist/setting-words.js';

/** What keelson.json holds after these. */
async function settingsAfter(...lines: readonly (readonly string[])[]): Promise<object> {
  await using dir = await testdir({});
  let settings = {};
  for (const [verb, ...words] of lines)
    settings = await changeSettings(dir.path, verb === 'set' ? settingChanges(words) : resetChanges(words));
  return settings;
}

describe('the words of set and reset', () => {
  test('persistent adds up, sorted', async () => {
    expect(
      await settingsAfter(['set', 'persistent', 'up/loads', 'data'], ['set', 'persistent', 'a', 'data']),
    ).toEqual({persistent: ['a', 'data', 'up/loads']});
    expect(await settingsAfter(['set', 'persistent', 'a', 'b'], ['reset', 'persistent', 'b'])).toEqual({
      persistent: ['a'],
    });
    expect(await settingsAfter(['set', 'persistent', 'a'], ['reset', 'persistent'])).toEqual({});
  });

  test('entrypoint takes a command, what it needs, or both', async () => {
    expect(
      await settingsAfter(
        ['set', 'entrypoint', 'web', 'node', 'app.js', 'minMemory=128M', 'instances=2', 'scalable=false'],
        ['set', 'entrypoint', 'web', 'instances=', 'connMemory=1M'],
        ['set', 'entrypoint', 'cron', 'A=1 node cron.js'],
        ['set', 'entrypoint', 'worker', '{"minMemory": "64M"}'],
      ),
    ).toEqual({
      entryPoints: {
        web: {command: 'node app.js', tune: {minMemory: '128M', scalable: false, connMemory: '1M'}},
        cron: {command: 'A=1 node cron.js'},
        worker: {tune: {minMemory: '64M'}},
      },
    });
    expect(
      await settingsAfter(['set', 'entrypoint', 'web', 'memWeight=2'], ['reset', 'entrypoint', 'web']),
    ).toEqual({});
  });

  test('tools and tooltune', async () => {
    expect(
      await settingsAfter(
        ['set', 'tools', 'node=22'],
        ['set', 'tooltune', 'node', 'minMemory=1G', 'connFD=8'],
      ),
    ).toEqual({tools: {node: '22'}, toolTune: {node: {minMemory: '1G', connFD: 8}}});
    expect(await settingsAfter(['set', 'tools', 'node='])).toEqual({tools: {node: '*'}});
  });

  test('webcfg and its mounts', async () => {
    expect(
      await settingsAfter(
        ['set', 'webcfg', 'root=public', 'main=web'],
        ['set', 'webcfg', 'mounts', '/api=api', '/old={"serve": "old"}'],
        ['set', 'webmount', '/static', 'serve=public/assets'],
        ['set', 'webmount', '/admin', '{"app": "admin", "tune": {"expires": "max"}}'],
        ['set', 'webmount', '/ws', 'ws'],
        ['set', 'webcfg', 'root', 'dist'],
        ['reset', 'webmount', '/old'],
      ),
    ).toEqual({
      webcfg: {
        root: 'dist',
        main: 'web',
        mounts: {
          '/api': 'api',
          '/static': {serve: 'public/assets'},
          '/admin': {app: 'admin', tune: {expires: 'max'}},
          '/ws': 'ws',
        },
      },
    });
    expect(await settingsAfter(['set', 'webmount', '/a', 'web'], ['reset', 'webcfg'])).toEqual({});
  });

  test('one {json} stands for all KEY=VALUE', async () => {
    expect(
      await settingsAfter(
        ['set', 'formation', 'web=1'],
        ['set', 'formation', '{"all": 1, "worker": 2}'],
        ['set', 'tools', '{"node": "^22"}'],
        ['set', 'webcfg', '{"main": "web", "mounts": {"/": "web"}}'],
      ),
    ).toEqual({
      formation: {all: 1, worker: 2},
      tools: {node: '^22'},
      webcfg: {main: 'web', mounts: {'/': 'web'}},
    });
  });

  test.each([
    [['memroy', '1G'], 'there is no setting "memroy"'],
    [['formation', 'web'], '"web" is not NAME=VALUE'],
    [['formation', 'web=-1'], 'formation.web'],
    [['formation', 'web=x'], 'expected number, received string'],
    [['keep', '1', '2'], 'keep takes one value'],
    [['entrypoint'], 'which entry point?'],
    [['entrypoint', 'web', 'minMem=1G'], 'entryPoints.web.tune.minMem: not a setting'],
    [['entrypoint', 'web', '{x'], 'is no JSON object'],
    [['tools', 'ruby=3'], '"ruby" is no tool'],
    [['tooltune', 'ruby', 'minMemory=1G'], 'toolTune.ruby: not a setting'],
    [['webmount', 'api', 'web'], 'has to start with /'],
    [['webmount', '/api', 'tune={}'], 'webcfg.mounts./api'],
    [['webcfg', 'rot=public'], 'webcfg.rot: not a setting (did you mean root?)'],
    [['persistent', '../x'], 'persistent.0'],
    [['persistent'], 'persistent is set to nothing'],
    [['constructor', 'x'], 'there is no setting "constructor"'],
  ])('%j is refused', async (words, because) => {
    await expect(settingsAfter(['set', ...words])).rejects.toThrow(because);
  });
});

test('a server is told what is one deploy’s to say, and the rest is refused', async () => {
  const query = serverQuery(
    {waitMs: 1000, bakeMs: 0, keep: 2, build: true, environment: {}},
    {archive: '/a b'},
  );
  expect(query).toBe('?archive=%2Fa+b&waitMs=1000&bakeMs=0&keep=2&build=yes');
  expect(queryOptions(new URLSearchParams(query))).toEqual({waitMs: 1000, bakeMs: 0, keep: 2, build: true});
  expect(serverQuery({allowRoot: true})).toBe('');
  await expectFault(
    Promise.resolve().then(() => serverQuery({user: 'shop'})),
    'SERVE_BAD_VALUE',
  );
});
