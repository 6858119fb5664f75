import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {readManifest} from '@keelson/manifest';
import {expectFault, packageRoot, testdir} from '@keelson/test-kit';
import fc from 'fast-check';
import {configJsonSchema} from '../dist/config-schema.js';
import {findSyntaxError} from '../dist/find-syntax-error.js';
import {nearestKey} from '../dist/nearest-key.js';

async function read(value: unknown) {
  await using dir = await testdir({
    'package.json': typeof value === 'string' ? value : JSON.stringify(value),
  });
  return await readManifest(dir.path);
}

async function messageOf(value: unknown): Promise<string> {
  const {message} = await expectFault(read(value), 'MANIFEST_INVALID');
  return message.replace(/^.*\/package\.json/, 'package.json');
}

describe('readManifest', () => {
  test('fills in every default', async () => {
    expect(await read({name: 'app'})).toEqual({
      kind: 'app-manifest',
      name: 'app',
      version: '0.0.0',
      node: undefined,
      packageManager: undefined,
      scripts: {},
      app: {
        build: {scripts: []},
        persistent: [],
        required: [],
        health: {path: '/', timeoutMs: 30_000},
        formation: {},
        processes: {},
      },
    });
  });

  test('required variables may have types', async () => {
    const required = {PORT: 'port', _x1: 'string', RATE: 'number'};
    expect((await read({name: 'app', keelson: {required}})).app).toMatchObject({
      required: ['PORT', '_x1', 'RATE'],
      requiredTypes: required,
    });
  });

  test('reads every field', async () => {
    const app = {
      build: {scripts: ['compile', 'assets']},
      persistent: ['data', 'public/uploads'],
      required: ['DATABASE_URL', '_x1'],
      health: {path: '/health?deep=1', timeoutMs: 5000},
      formation: {web: 2, 'night-worker': 0},
      processes: {
        web: {
          minMemory: '128M',
          connMemory: '256K',
          memWeight: 200,
          cpuWeight: 0.5,
          maxInstances: 4,
          instances: 2,
          scalable: true,
          multiCore: false,
          reloadable: true,
        },
        worker: {},
      },
    };
    const manifest = await read({
      name: '@scope/app',
      version: '1.2.3-rc.1+build.5',
      engines: {node: '>=20', npm: '10'},
      packageManager: 'pnpm@10.1.0',
      scripts: {compile: 'tsc', assets: 'node assets.js', build: 'true'},
      dependencies: {express: '5'},
      keelson: app,
    });
    expect(manifest).toEqual({
      kind: 'app-manifest',
      name: '@scope/app',
      version: '1.2.3-rc.1+build.5',
      node: '>=20',
      packageManager: 'pnpm@10.1.0',
      scripts: {compile: 'tsc', assets: 'node assets.js', build: 'true'},
      app,
    });
  });

  test('builds by the script `heroku-postbuild`, else `build`, when there is one and nothing else is said', async () => {
    const both = {build: 'x', 'heroku-postbuild': 'y'};
    expect((await read({name: 'a', scripts: both})).app.build.scripts).toEqual(['heroku-postbuild']);
    expect((await read({name: 'a', scripts: {build: 'x', test: 'y'}})).app.build.scripts).toEqual(['build']);
    const none = {name: 'a', scripts: {build: 'x'}, keelson: {build: {scripts: []}}};
    expect((await read(none)).app.build.scripts).toEqual([]);
  });

  test('writes folders in one way', async () => {
    const {app} = await read({name: 'a', keelson: {persistent: ['data/', './a//b/../c']}});
    expect(app.persistent).toEqual(['data', 'a/c']);
  });

  test('takes a byte order mark', async () => {
    expect((await read('\uFEFF{"name": "a"}')).name).toBe('a');
  });

  test.each(['a', 'a-b.c_d~e', '@a/b', 'JSONStream', '0', 'a'.repeat(214)])(
    'takes the name %s',
    async (name) => {
      expect((await read({name})).name).toBe(name);
    },
  );

  test.each(['', '.a', '_a', '../a', 'a/b', '@a', '@a/', '@/a', 'a b', 'é', 'a\n', 'a'.repeat(215)])(
    'refuses the name %j',
    async (name) => {
      expect(await messageOf({name})).toMatch(/^package\.json: name: /);
    },
  );

  test('is aborted before it begins', async () => {
    await expect(readManifest('/', {signal: AbortSignal.abort('mine')})).rejects.toBe('mine');
  });
});

describe('MANIFEST_MISSING', () => {
  test.each(['.', 'no/such', 'file'])('in %s', async (path) => {
    await using dir = await testdir({file: ''});
    const fault = await expectFault(readManifest(dir.at(path)), 'MANIFEST_MISSING');
    expect(fault.message).toBe(`${dir.at(path)}/package.json does not exist`);
    expect(fault.hint).toContain('npm init');
  });
});

describe('MANIFEST_INVALID', () => {
  test.each([
    [{name: 'a b'}, 'docs.npmjs.com'],
    [{name: 'a', keelson: {healt: 1}}, '@keelson/manifest/schema.json'],
  ])('says of %j where its keys are listed', async (manifest, place) => {
    await using dir = await testdir({'package.json': JSON.stringify(manifest)});
    expect((await expectFault(readManifest(dir.path), 'MANIFEST_INVALID')).hint).toContain(place);
  });

  test.each([
    ['an empty file', '', ':1:1: unexpected end of file'],
    ['a comma too many', '{\n  "name": "a",\n}', ':3:1: unexpected "}"'],
    ['a comma too few', '{\n  "name": "a"\n  "version": "1.0.0"\n}', ':3:3: unexpected "\\""'],
    ['a comment', '{\n  // why\n}', ':2:3: unexpected "/"'],
    ['an end that is missing', '{"scripts": {"a": "b"}', ':1:23: unexpected end of file'],
    ['something behind the end', '{}\n{}', ':2:1: unexpected "{"'],
    ['single quotes', "{'name': 1}", ':1:2: unexpected "\'"'],
    ['a line break in a string', '{"a": "b\nc"}', ':1:9: unexpected "\\n"'],
    ['a string without an end', '{"a": "b', ':1:9: unexpected end of file'],
    ['a byte order mark and a word', '\uFEFF{"name": x}', ':1:10: unexpected "x"'],
  ])('says where: %s', async (_title, text, message) => {
    expect(await messageOf(text)).toBe(`package.json${message}`);
  });

  test.each([
    ['no object', [], ': the file: expected object, received array'],
    ['no name', {}, ': name: expected string, but it is missing'],
    [
      'a version that is none',
      {name: 'a', version: 'latest'},
      ': version: must be one such as 1.2.3 or 1.2.3-beta.1',
    ],
    [
      'a name that is none',
      {name: 'a b'},
      ': name: must be one that npm takes, such as my-app or @me/my-app',
    ],
    [
      'a script that is no text',
      {name: 'a', scripts: {build: 1}},
      ': scripts.build: expected string, received number',
    ],
    ['engines.node', {name: 'a', engines: {node: 20}}, ': engines.node: expected string, received number'],
    ['a section that is no object', {name: 'a', keelson: 'x'}, ': keelson: expected object, received string'],
    [
      'health.path',
      {name: 'a', keelson: {health: {path: 'health'}}},
      /: keelson\.health\.path: must match pattern/,
    ],
    [
      'health.timeoutMs',
      {name: 'a', keelson: {health: {timeoutMs: 0}}},
      /: keelson\.health\.timeoutMs: .*>=1/,
    ],
    [
      'required',
      {name: 'a', keelson: {required: ['A', 'B-C']}},
      /: keelson\.required\[1\]: must match pattern/,
    ],
    [
      'a type that is none',
      {name: 'a', keelson: {required: {PORT: 'prot'}}},
      /: keelson\.required\.PORT: .*"port"/,
    ],
    [
      'a required name that is none',
      {name: 'a', keelson: {required: {'A-B': 'int'}}},
      /: keelson\.required\.A-B: must match pattern/,
    ],
    [
      'formation',
      {name: 'a', keelson: {formation: {web: 1.5}}},
      ': keelson.formation.web: expected int, received number',
    ],
    [
      'a process type',
      {name: 'a', keelson: {formation: {'a b': 1}}},
      /: keelson\.formation\.a b: must match pattern/,
    ],
    [
      'a size',
      {name: 'a', keelson: {processes: {web: {minMemory: '64'}}}},
      /processes\.web\.minMemory: must match/,
    ],
    ...['/data', '..', 'a/../..', '.', '', 'a\0'].map(
      (path) =>
        [
          `the folder ${JSON.stringify(path)}`,
          {name: 'a', keelson: {persistent: [path]}},
          /: keelson\.persistent\[0\]: /,
        ] as const,
    ),
  ] as const)('names the field: %s', async (_title, value, message) => {
    const actual = (await messageOf(value)).replace('package.json', '');
    expect(actual).toEqual(expect.stringMatching(message));
  });

  test.each([
    [{helth: {}}, 'keelson: there is no key "helth"; did you mean "health"?'],
    [{health: {timeoutms: 1}}, 'keelson.health: there is no key "timeoutms"; did you mean "timeoutMs"?'],
    [{build: {script: []}}, 'keelson.build: there is no key "script"; did you mean "scripts"?'],
    [
      {processes: {web: {cpuWieght: 1}}},
      'keelson.processes.web: there is no key "cpuWieght"; did you mean "cpuWeight"?',
    ],
    [{health: {unlike: 1}}, 'keelson.health: there is no key "unlike" (path, timeoutMs)'],
  ])('names the nearest key: %j', async (keelson, message) => {
    expect(await messageOf({name: 'a', keelson})).toBe(`package.json: ${message}`);
  });

  test('names every problem at once', async () => {
    const keelson = {helth: {}, formatoin: {}, required: 'A'};
    expect(await messageOf({name: 'a', keelson})).toBe(
      [
        'package.json:',
        '  keelson.required: expected array, received string',
        '  keelson: there is no key "helth"; did you mean "health"?',
        '  keelson: there is no key "formatoin"; did you mean "formation"?',
      ].join('\n'),
    );
  });

  test('names a build script that is not there', async () => {
    const value = {name: 'a', scripts: {compile: 'x'}, keelson: {build: {scripts: ['compil', 'toString']}}};
    expect(await messageOf(value)).toBe(
      'package.json:\n' +
        '  keelson.build.scripts: there is no script "compil"; did you mean "compile"?\n' +
        '  keelson.build.scripts: there is no script "toString" (compile)',
    );
  });

  test('is also a file that is too large, or none', async () => {
    expect(await messageOf(`{"name": "${'x'.repeat(5_000_000)}"}`)).toContain('larger than');
    await using dir = await testdir({'package.json/': ''});
    const fault = await expectFault(readManifest(dir.path), 'MANIFEST_INVALID');
    expect(fault.message).toMatch(/cannot be read: EISDIR/);
  });
});

test('schema.json is what the schema says (else: pnpm --filter @keelson/manifest run schema)', async () => {
  const shipped = await readFile(join(packageRoot(import.meta.url), 'schema.json'), 'utf8');
  expect(JSON.parse(shipped)).toEqual(configJsonSchema());
});

describe('findSyntaxError', () => {
  const parses = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  test('agrees with JSON.parse about every text', () => {
    const edited = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '"', '}', ']', '{', '[', ':', ' ', '\n', '0', '-', 't', '\\', 'e', '.'),
      )
      .map(([text, at, insert]) => {
        const index = at % (text.length + 1);
        return [
          text,
          text.slice(0, index) + insert + text.slice(index),
          text.slice(0, index) + insert + text.slice(index + 1),
        ];
      });
    fc.assert(
      fc.property(edited, (texts) => {
        for (const text of texts)
          expect([text, findSyntaxError(text) === undefined]).toEqual([text, parses(text)]);
      }),
      {numRuns: 500},
    );
  });

  test('is not impressed by depth', () => {
    expect(findSyntaxError('['.repeat(200_000))).toBe(200_000);
  });
});

test.each([
  ['health', ['helth', 'hea lth', 'heatlh', 'HEALTH']],
  [undefined, ['x', 'persistent']],
])('the nearest key is %s', (expected, misspelled) => {
  for (const key of misspelled) expect(nearestKey(key, ['health', 'build'])).toBe(expected);
});

describe('what a process needs of those that run it', () => {
  const processes = {
    web: {
      stopSignal: 'SIGINT',
      graceMs: 0,
      port: 8080,
      canDie: true,
      restart: 'on-failure',
      dependsOn: ['db'],
      ready: {http: '/health', timeoutMs: 1},
      watch: ['src/**'],
    },
    db: {ready: {port: true}},
    cache: {ready: {port: 6379}},
    queue: {ready: {line: '^ready( to|$)'}},
  };

  test('is read as it is', async () => {
    expect((await read({name: 'a', keelson: {processes}})).app.processes).toEqual(processes);
  });

  test.each([
    [{stopSignal: 'TERM'}, /processes\.web\.stopSignal/],
    [{restart: 'sometimes'}, /processes\.web\.restart/],
    [{port: 0}, /processes\.web\.port/],
    [{graceMs: -1}, /processes\.web\.graceMs/],
    [{dependsOn: 'db'}, /processes\.web\.dependsOn/],
    [{ready: {}}, /processes\.web\.ready: takes exactly one of port, line and http/],
    [{ready: {port: true, line: 'x'}}, /processes\.web\.ready: takes exactly one of port, line and http/],
    [{ready: {line: '('}}, /processes\.web\.ready\.line: is no regular expression/],
    [{ready: {http: 'health'}}, /processes\.web\.ready\.http/],
    [{readdy: {port: true}}, /did you mean "ready"/],
  ])('%j is refused by the name of its field', async (web, message) => {
    expect(await messageOf({name: 'a', keelson: {processes: {web}}})).toMatch(message);
  });
});
