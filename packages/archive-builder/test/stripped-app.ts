import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {readEntries, type Archive} from '@keelson/archive';
import {buildArchive, openForBuild, type BuildEvent, type BuildOptions} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {bin, runBin, testdir, type TestDirectory} from '@keelson/test-kit';

// Node's own headers where they lie beside it; otherwise node-gyp fetches them.
const home = join(process.execPath, '../..');
if (existsSync(join(home, 'include/node/node_api.h'))) process.env['npm_config_nodedir'] = home;

const ADDON = `#include <node_api.h>
static napi_value hello(napi_env env, napi_callback_info info) {
  napi_value text;
  napi_create_string_utf8(env, "native says hello", NAPI_AUTO_LENGTH, &text);
  return text;
}
NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "hello", NAPI_AUTO_LENGTH, hello, NULL, &function);
  return function;
}
`;

/** An app that needs an add-on which is compiled when it is installed; the package brings prebuilt ones for other machines. */
export async function app(fields: object, lock: (cwd: string) => void): Promise<TestDirectory> {
  const dir = await testdir({
    'native/package.json': '{"name": "native", "version": "1.0.0", "main": "index.js"}',
    'native/binding.gyp': '{"targets": [{"target_name": "hello_native", "sources": ["hello.c"]}]}',
    'native/hello.c': ADDON,
    'native/index.js': "module.exports = require('./build/Release/hello_native.node');",
    'native/prebuilds/darwin-arm64/native.node': '\xcf\xfa\xed\xfe',
    'app/package.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      dependencies: {native: 'file:vendor/native-1.0.0.tgz'},
      ...fields,
    }),
    'app/server.js': "console.log(require('native')());",
    'app/Procfile': 'web: node server.js\n',
    'app/vendor/': '',
  });
  const args = ['pack', '--silent', '--pack-destination', dir.at('app/vendor')];
  execFileSync('npm', args, {cwd: dir.at('native'), stdio: 'pipe'});
  lock(dir.at('app'));
  return dir;
}

async function build(dir: TestDirectory, options: BuildOptions): Promise<Archive> {
  await using checkout = await openForBuild(parseSource(dir.at('app')));
  return await buildArchive(checkout, {out: dir.at('app.tgz'), ...options});
}

/** Stripped, prepared on "another machine", and started there. */
export async function strippedAndPrepared(dir: TestDirectory): Promise<object> {
  const events: BuildEvent[] = [];
  const contents = {strip: true};
  const compiled = await build(dir, {
    dependencies: {rebuild: ['native']},
    contents,
    onEvent: (event) => void events.push(event),
  });
  const never = await build(dir, {contents, out: dir.at('never.tgz')});
  const prepared = await runBin(bin('preparer'), ['app.tgz', '--into', 'into', '--allow-root', '--json'], {
    cwd: dir.path,
  });
  const value = JSON.parse(prepared.stdout) as {rebuilt: string[]; proved: string[]};
  return {
    same: compiled.digest === never.digest,
    left: (await readEntries(compiled))
      .map(({path}) => path)
      .filter((path) => /build|prebuilds|\.node$/.test(path)),
    needs: compiled.manifest.addons.length,
    stripped: events.filter(({type}) => type === 'build:stripped'),
    rebuilt: value.rebuilt,
    proved: value.proved?.length,
    says: execFileSync('node', ['server.js'], {cwd: dir.at('into'), encoding: 'utf8'}),
  };
}

export const PREPARED = {
  same: true,
  left: [],
  needs: 1,
  stripped: [{type: 'build:stripped', packages: ['native'], kept: []}],
  rebuilt: ['native'],
  proved: 1,
  says: 'native says hello\n',
};
