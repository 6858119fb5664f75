import {run, type SpawnFault} from '@keelson/spawn';
import {isFault, type StepOptions} from '@keelson/step';
import type {AppNode} from './app-node.ts';
import {withRights, type Rights} from './account.ts';

const LOADED = 'keelson: loaded';
const TIMEOUT_MS = 30_000;
const MOST_CHARACTERS = 300;

// What `require` does with an add-on, and no more: the package's JavaScript is not run. Success is told before the process
// ends, since an add-on that crashes while everything is torn down has loaded all the same.
const PROGRAM = `
const {writeSync} = require('node:fs');
try {
  process.dlopen({exports: {}}, process.argv[1]);
  writeSync(1, ${JSON.stringify(LOADED)});
} catch (error) {
  writeSync(1, error.message);
}
require('node:process').exit();
`;

/** Loads an add-on in a process of its own that inherits no environment. Returns why it does not load, undefined when it does. */
export async function whyNotLoaded(
  file: string,
  {
    signal,
    rights,
    node,
  }: Pick<StepOptions, 'signal'> & {readonly rights: Rights; readonly node?: AppNode | undefined},
): Promise<string | undefined> {
  const spec = {
    command: node?.program ?? process.execPath,
    args: ['--input-type=commonjs', '--eval', PROGRAM, file],
    cwd: '/',
    env: {PATH: '/usr/local/bin:/usr/bin:/bin'},
  };
  const program = withRights(spec, rights, 'the app brings native code to load');
  try {
    const {stdout} = await run(program, {
      signal,
      timeoutMs: TIMEOUT_MS,
      graceMs: 1000,
      maxOutputBytes: 64 * 1024,
    });
    return judge(stdout, 'it ended the process while it was loaded');
  } catch (error) {
    signal?.throwIfAborted();
    if (!isFault(error) || !error.code.startsWith('SPAWN_')) throw error;
    const {output} = error as SpawnFault;
    return judge(
      output?.stdout ?? '',
      output === undefined ? error.message : howItEnded(error as SpawnFault),
    );
  }
}

function judge(stdout: string, otherwise: string): string | undefined {
  if (stdout.includes(LOADED)) return undefined;
  const abi = /using\s+NODE_MODULE_VERSION (\d+)\.[\s\S]*requires\s+NODE_MODULE_VERSION (\d+)/.exec(stdout);
  if (abi !== null) return `it was built for Node ABI ${abi[1]}, this Node has ${abi[2]}`;
  const said = stdout.replace(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
  return said === '' ? otherwise : said;
}

function howItEnded({code, output}: SpawnFault): string {
  if (code === 'SPAWN_TIMEOUT') return `it was not loaded within ${TIMEOUT_MS / 1000} s`;
  if (code === 'SPAWN_OUTPUT_TOO_LARGE') return 'it printed without end while it was loaded';
  return output?.signal
    ? `loading it ended in ${output.signal}`
    : `loading it ended with exit code ${output?.code}`;
}
