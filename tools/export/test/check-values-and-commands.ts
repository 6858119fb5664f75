import {expect} from '@jest/globals';
import {type SystemdBox, until} from '@keelson/test-kit';

import {
  appIn,
  type BoxApp,
  COMMAND_FILES,
  COMMANDS,
  everyValue,
  NODE_STAND_IN,
  mustExport,
  type Shown,
  shownIn,
  USER,
  USER_ID,
} from './box-app.ts';

const STAND_IN = '/srv/stand-in';

/** The tree of files that an install may touch, with every digest, owner and mode. */
export async function treeOf(box: SystemdBox): Promise<string> {
  const list = 'find /etc /var/lib /srv /usr/local -xdev -printf "%p %y %m %U:%G %l\\n" | sort';
  return box.must([
    'sh',
    '-c',
    `${list}; find /etc /var/lib /srv -xdev -type f -exec sha256sum {} + | sort -k2`,
  ]);
}

/**
 * The contract: `keelson export systemd DIR --app NAME --env FILE --user U --install`, `systemctl start NAME.target`, and every process
 * runs, with every value, exactly as `sh -c` in its directory would run it; after a stop none is left, each having got its signal;
 * `--uninstall` leaves no trace. Comes back with how many values and commands that were.
 */
export async function checkValuesAndCommands(
  box: SystemdBox,
): Promise<{readonly values: number; readonly commands: number}> {
  const values = await everyValue();
  const names = Object.keys(COMMANDS);
  const lines = names.map((name) => `${name}: ${COMMANDS[name]}\n`);
  const app = await appIn(box, 'nasty', {
    ...COMMAND_FILES,
    Procfile: ['values: node show.mjs\n', ...lines].join(''),
  });
  const variables = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
  const env = {...variables, OUT_DIR: app.out, WORDS: 'one  two', HOME: '/nowhere', PORT: '1'};
  await app.write({'env.json': JSON.stringify(env)});

  await box.must(['mkdir', '-m', '777', `${app.out}/wanted`]);
  await box.write({[`${STAND_IN}/node`]: {mode: 0o755, content: NODE_STAND_IN}});

  // A neighbour whose name begins like this app's: nothing of it is touched.
  await box.write({'/srv/front/Procfile': 'web: sleep 10000\n'});
  await mustExport(box, ['systemd', '/srv/front', '--app', 'nasty-front', '--user', 'root', '--install']);
  await box.must(['systemctl', 'start', 'nasty-front.target']);

  const untouched = await treeOf(box);
  const argv = JSON.stringify({argv: ['node', 'show.mjs', ...values]});
  const told = ['systemd', app.dir, '--app', 'nasty', '--env', `${app.dir}/env.json`];
  const flags = [...told, '--user', USER, '--install', '--set', `values.command=${argv}`];
  await mustExport(box, flags);
  expect(await mustExport(box, flags)).toMatch(/^nothing to do/);
  await box.must(['systemctl', 'start', 'nasty.target']);

  const all = await shownIn(box, `${app.out}/values.1`);
  expect(all.uid).toBe(USER_ID);
  expect(Object.fromEntries(Object.keys(variables).map((name) => [name, all.env[name]]))).toEqual(variables);
  expect(all.argv).toEqual(values);

  await checkCommands(box, app, env);
  const units = ['values', ...names].map((name) => `nasty-${name}-1.service`);
  const states = await box.must(['systemctl', 'is-active', 'nasty.target', ...units]);
  expect(new Set(states.trim().split('\n'))).toEqual(new Set(['active']));

  await box.must(['systemctl', 'stop', 'nasty.target']);
  await until(async () => (await box.run(['pgrep', '-u', USER])).code === 1, {
    what: 'the end of every process',
  });
  const stopped = (await app.said()).filter((file) => file.endsWith('.stopped'));
  expect(stopped).toEqual(['values', ...names].map((name) => `${name}.1.stopped`).sort());
  expect((await box.run(['systemctl', 'is-failed', ...units])).stdout).not.toMatch(/^failed$/m);

  await mustExport(box, [...told.slice(0, 4), '--uninstall']);
  expect(await treeOf(box)).toBe(untouched);
  expect((await box.run(['systemctl', 'cat', 'nasty.target', ...units])).stdout).toBe('');
  await box.must(['systemctl', 'is-active', 'nasty-front-web-1.service']);
  return {values: values.length, commands: names.length};
}

/** What `sh -c` gives each command, run by one account in one go: each entry into the box costs more than a command. */
async function wantedOf(
  box: SystemdBox,
  app: BoxApp,
  got: ReadonlyMap<string, Shown>,
  env: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = `${app.out}/wanted`;
  const script = [...got].flatMap(([name, {env: own}]) => [
    `PS=${name}.1 PORT=${own['PORT']} PATH='${STAND_IN}:${own['PATH']}' /bin/sh -c "$(cat ${asked}/${name})"`,
  ]);
  const files = [...got.keys()].map((name) => [`${asked}/${name}`, COMMANDS[name]!]);
  await box.write({...Object.fromEntries(files), [`${asked}/all.sh`]: script.join('\n')});
  const inherited = {...env, OUT_DIR: asked};
  await box.must(['/bin/sh', `${asked}/all.sh`], {cwd: app.dir, env: inherited, user: USER});
  const read = async (name: string) => (await box.read(`${asked}/${name}.1`)).split('\0').slice(0, -1);
  return new Map(await Promise.all([...got.keys()].map(async (name) => [name, await read(name)] as const)));
}

async function checkCommands(
  box: SystemdBox,
  app: BoxApp,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const got = new Map<string, Shown>();
  for (const name of Object.keys(COMMANDS)) got.set(name, await shownIn(box, `${app.out}/${name}.1`));
  const wanted = await wantedOf(box, app, got, env);
  for (const [name, {env: own, uid, cwd, argv}] of got) {
    const {PATH = '', PORT = '', FOO = '', A = '', B = '', HOME = ''} = own;
    expect(PATH.split(':')[0]).toBe(`${app.dir}/node_modules/.bin`);
    expect(Number(PORT)).toBeGreaterThan(5000);
    expect([name, uid, cwd, FOO, A, B, HOME, ...argv]).toEqual([name, USER_ID, ...wanted.get(name)!]);
  }
}
