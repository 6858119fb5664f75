// Real processes under a real supervisor: what `checks` ask, and when.
import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {PassThrough} from 'node:stream';
import {setImmediate as turn} from 'node:timers/promises';
import {describe, expect, test} from '@jest/globals';
import {runtimeFacts, writeArchive, type Archive} from '@keelson/archive';
import {supervisorRuntime} from '@keelson/deploy';
import {deploy, type DeployEvent} from '@keelson/deployer';
import {createTagger} from '@keelson/log-tagger';
import {supervise} from '@keelson/supervisor';
import {freePort, testdir} from '@keelson/test-kit';

interface Version {
  /** What `/ready` answers. */
  readonly ready?: string;
  readonly says?: string;
  readonly checks?: readonly object[];
}

const server = (version: string, {ready = 'ok', says = 'warmed up'}: Version) => `
const answers = {'/health': 'fine', '/ready': ${JSON.stringify(ready)}};
require('node:http')
  .createServer(({headers, url}, response) => {
    console.log('${version} answered', url, 'to', headers['user-agent']);
    response.end(answers[url] ?? '${version}');
  })
  .listen(process.env.PORT, () => console.log('${says}'));`;

async function archiveOf(dir: string, version: string, parts: Version): Promise<Archive> {
  const tree = join(dir, version);
  const keelson = {health: {path: '/health', timeoutMs: 10_000}};
  const files = {
    'package.json': JSON.stringify({name: 'shop', version, keelson}),
    'keelson.deploy.json': JSON.stringify({checks: parts.checks ?? []}),
    Procfile: 'web: node server.js\n',
    'server.js': server(version, parts),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), {recursive: true});
    await writeFile(join(tree, path), content);
  }
  return writeArchive(tree, {
    to: `${tree}.tgz`,
    facts: {
      name: 'shop',
      version,
      source: {revision: version},
      builder: 'test',
      node: runtimeFacts(),
      packageManager: {name: 'npm'},
      scripts: [],
      processTypes: ['web'],
      required: [],
      addons: [],
    },
  });
}

/** Who answers, one new connection after another, until it is asked for all of them. */
function askAllTheTime(port: number) {
  const answers = new Set<string>();
  let over = false;
  const asking = (async () => {
    while (!over) {
      const headers = {connection: 'close', 'user-agent': 'a-client'};
      answers.add(await (await fetch(`http://127.0.0.1:${port}/`, {headers})).text());
      await turn();
    }
  })();
  return async () => {
    over = true;
    await asking;
    return [...answers];
  };
}

describe('checks under a supervisor', () => {
  test('are made before a version takes traffic: one that fails has served nobody', async () => {
    await using dir = await testdir();
    const port = await freePort();
    const sink = new PassThrough();
    let log = '';
    sink.on('data', (chunk) => (log += String(chunk)));
    const logs = createTagger({sink, timestamps: 'none'});
    await using supervisor = await supervise({runtimeDir: dir.at('runtime'), logs});
    const to = {root: dir.at('shop'), runtime: supervisorRuntime(supervisor), basePort: port};
    const bring = async (version: string, parts: Version = {}) => {
      const events: DeployEvent[] = [];
      const archive = await archiveOf(dir.path, version, parts);
      const onEvent = (event: DeployEvent) => void events.push(event);
      const limits = {memory: '1G', cpus: 2};
      const deployment = await deploy(archive, to, {allowRoot: true, bakeMs: 0, limits, onEvent});
      return {...deployment, types: events.map(({type}) => type)};
    };
    const all = [{tcp: true}, {http: '/ready', body: '^ok$'}, {log: '^warmed up$'}, {staysUpMs: 50}];
    const soon = {timeoutMs: 200};

    const first = await bring('1.0.0', {checks: all});
    expect(first).toMatchObject({result: 'deployed'});
    expect(first.types.filter((type) => /check-passed|opened/.test(type))).toEqual([
      ...all.map(() => 'deploy:check-passed'),
      'deploy:opened',
    ]);

    const answers = askAllTheTime(port);
    const unready = await bring('2.0.0', {ready: 'no', checks: [{http: '/ready', body: 'ok', ...soon}]});
    expect(unready).toMatchObject({
      result: 'refused',
      because: expect.stringMatching(/^web\.1\S*: GET \/ready: \/ok\/ does not match the body$/),
    });
    const silent = await bring('3.0.0', {says: 'cold', checks: [{log: '^warmed up$', ...soon}]});
    expect(silent).toMatchObject({result: 'refused', because: expect.stringContaining('/^warmed up$/')});
    expect(silent.output).toContain('cold');
    expect(await answers()).toEqual(['1.0.0']);

    expect(log).toContain('2.0.0 answered /ready');
    expect(log).not.toMatch(/[23]\.0\.0 answered \S+ to a-client/);
    for (const {types} of [unready, silent]) expect(types).not.toContain('deploy:opened');
  });
});
