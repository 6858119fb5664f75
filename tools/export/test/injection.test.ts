import {describe, expect, test} from '@jest/globals';
import {type ExportOptions, exportApp} from '@keelson/export';
import {isFault} from '@keelson/step';
import {testdir} from '@keelson/test-kit';

const EVIL = 'x\nUser=root\nExecStartPre=+/bin/touch /tmp/owned\n[Service]';
const json = JSON.stringify;

const set = (setting: string): Partial<ExportOptions> => ({set: [setting]});

const ATTEMPTS: Readonly<Record<string, Partial<ExportOptions>>> = {
  app: {model: {app: EVIL}},
  user: {model: {user: {name: EVIL}}},
  group: {model: {user: {name: 'shop', group: EVIL}}},
  node: {model: {paths: {node: `/tmp/${EVIL}`}}},
  unitDir: {model: {paths: {unitDir: `/tmp/${EVIL}`}}},
  procfile: {model: {procfile: EVIL}},
  sysctl: set(`app.sysctl=${json({'net.core.somaxconn': `1${EVIL}`})}`),
  'sysctl key': set(`app.sysctl=${json({[EVIL]: '1'})}`),
  'app description': set(`app.description=${EVIL}`),
  'log file': set(`web.logs.output=${json({file: `/tmp/${EVIL}`})}`),
  pidfile: set(`web.pidfile=/tmp/${EVIL}`),
  cwd: set(`web.cwd=${EVIL}`),
  tag: set(`web.logs.tag=${EVIL}`),
  description: set(`web.description=${EVIL}`),
  umask: set(`web.umask=022${EVIL}`),
  after: set(`web.deps.after=${json([EVIL])}`),
  signal: set(`web.stop.signal=SIGTERM${EVIL}`),
  cpus: set(`web.limits.cpus=0${EVIL}`),
  nofile: set(`web.limits.nofile=100${EVIL}`),
  'port variable': set(`web.port=${json({base: 1, env: EVIL})}`),
  sockets: set(`web.sockets=${json([{listen: `/run/${EVIL}`}])}`),
  'socket name': set(`web.sockets=${json([{listen: '/run/x', name: EVIL}])}`),
  hooks: set(`web.hooks.preStart=${json([EVIL])}`),
  'variable name': set(`web.env=${json({[EVIL]: '1'})}`),
  variable: set(`web.env=${json({A: EVIL})}`),
  'env file': set(`web.envFiles=${json([{path: `/tmp/${EVIL}`}])}`),
  argv: set(`web.command=${json({argv: ['node', EVIL]})}`),
  program: set(`web.command=${json({argv: [EVIL]})}`),
  'own lines': set(`web.extra=${json({systemd: [EVIL]})}`),
  capabilities: set(`web.capabilities=${json([`CAP_CHOWN${EVIL}`])}`),
};

describe.each(['file', 'inline'])(
  'what stands in a name or a value never becomes a directive (%s)',
  (storage) => {
    test.each(Object.keys(ATTEMPTS))('%s', async (name) => {
      await using directory = await testdir({'app/Procfile': 'web: node show.mjs\n'});
      const {model, set: settings = [], ...rest} = ATTEMPTS[name]!;
      const exported = exportApp(directory.at('app'), {
        format: 'systemd',
        to: {out: directory.at('out')},
        check: {verify: false},
        model: {user: {name: 'shop'}, app: 'evil', ...model},
        set: [...settings, `app.envStorage=${storage}`],
        ...rest,
      });
      const fault = await exported.then(
        () => undefined,
        (error: unknown) => error,
      );
      const units = (await directory.list()).filter((file) => /\.(service|socket|target)$/.test(file));
      // Refused, and then nothing is written; or written as what it is.
      expect([fault === undefined || isFault(fault), fault !== undefined && units.length > 0]).toEqual([
        true,
        false,
      ]);
      for (const unit of units) {
        const text = await directory.read(unit);
        expect(text).not.toMatch(/^(User=root|ExecStartPre=\+\/bin\/touch)/m);
        expect(text.match(/^\[Service\]/gm) ?? []).toHaveLength(unit.endsWith('.service') ? 1 : 0);
      }
    });
  },
);
