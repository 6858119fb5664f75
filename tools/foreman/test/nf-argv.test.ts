import {describe, expect, test} from '@jest/globals';
import {runBin} from '@keelson/test-kit';

import {nfArgv} from '@keelson/foreman';

import {app, NF} from './foreman-app.ts';

const words = (text: string) => (text === '' ? [] : text.split(' '));

describe('each option of node-foreman 3.0.1', () => {
  test.each([
    // theirs, ours
    ['start', 'start'],
    ['start web=2,api', 'start web=2,api'],
    ['-j Procfile.dev start', 'start --procfile=Procfile.dev --root=.'],
    ['start --procfile Procfile.dev', 'start --procfile=Procfile.dev --root=.'],
    ['start --procfile=Procfile.dev', 'start --procfile=Procfile.dev --root=.'],
    ['-e a.env,b.env start', 'start --env=a.env,b.env'],
    ['start --env a.env', 'start --env=a.env'],
    ['-p 3000 start', 'start --port=3000'],
    ['start -p3000 web', 'start --port=3000 web'],
    ['-j P -e .env -p 1 start web', 'start --procfile=P --root=. --env=.env --port=1 web'],
    ['start -s', 'start --show-env'],
    ['start --showenvs', 'start --show-env'],
    ['start -x 80,8080', 'start --proxy=80,8080'],
    ['start --proxy 80', 'start --proxy=80'],
    ['start --ssl-key k --ssl-cert c', 'start --ssl-key=k --ssl-cert=c'],
    ['start -f 9999 -i example.org', 'start --forward=9999 --intercept=example.org'],
    ['start --forward 9999 --intercept example.org', 'start --forward=9999 --intercept=example.org'],
    ['start -r', 'start --raw'],
    ['start -t 80', 'start --trim=80'],
    ['start --trim 0', 'start'],
    ['start -w', 'start --wrap'],
    ['start -rs', 'start --raw --show-env'],
    ['run node app.js -p 3 -e x', 'run node app.js -p 3 -e x'],
    ['-e .env run -s node -s', 'run --env=.env --show-env node -s'],
    ['run -- -j x', 'run -- -j x'],
    ['export -t systemd', 'export systemd --out=.'],
    [
      'export web=2,api -t systemd -a shop -u www -g web -o out -c /srv/shop',
      'export systemd /srv/shop --app=shop --user=www --group=web --out=out --formation=web=2,api',
    ],
    ['-p 80 -e a export --type systemd --out out', 'export systemd --port=80 --env=a --out=out'],
    ['export', 'export upstart --out=.'],
    ['export -l /var/log/ -j P', 'export upstart --log=/var/log/{process}-{n}.log --procfile=P --out=.'],
    ['', ''],
    ['--help', '--help'],
    ['-h', '-h'],
    ['-V', '-V'],
    ['--version', '--version'],
    ['start --help', 'start --help'],
    ['export -h', 'export --help'],
  ])('nf %s', (theirs, ours) => {
    expect(nfArgv(words(theirs))).toEqual(words(ours));
  });
});

test.each([
  // ours stays ours
  'check',
  'ps',
  'start --restart --timeout 3 --no-color',
  'start --can-die=all web',
  'export systemd --out=x',
  'export eject runit',
  'restart web',
])('%s', (ours) => {
  expect(nfArgv(words(ours))).toEqual(words(ours));
});

test('what has no counterpart is said and not passed over', () => {
  expect(() => nfArgv(words('export -m templates'))).toThrow('--template of node-foreman is not taken over');
});

describe('the bin nf', () => {
  test('runs a Procfile of another place here, ports counted as ever', async () => {
    await using it = await app(() => ({'sub/Procfile.dev': 'web: echo $PORT; pwd\n'}));
    const result = await runBin(NF, ['-p', '3000', 'start', '-j', 'sub/Procfile.dev', '-r'], {
      cwd: it.dir.path,
    });
    expect([result.code, result.stdout]).toEqual([0, `3000\n${it.dir.path}\n`]);
  });

  test('says what it does not take over: exit 2', async () => {
    const result = await runBin(NF, ['export', '-m', 'templates']);
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toContain('--template of node-foreman is not taken over');
  });

  test('--version', async () => {
    expect((await runBin(NF, ['--version'])).stdout).toMatch(/^@keelson\/foreman\/\d/);
  });
});
