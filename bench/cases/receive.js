// Pushes of a small app: to our receiver, which checks each out and judges it, and to git's own http-backend behind nginx with an empty hook.
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {needPrograms} from '../peers.js';

const COUNT = 40;

export default async function receive({root, work}) {
  needPrograms(['git', 'nginx', 'fcgiwrap'], 'apt-get install git nginx fcgiwrap');
  const repository = join(work, 'app');
  mkdirSync(join(repository, 'src'), {recursive: true});
  writeFileSync(join(repository, 'package.json'), '{"name": "app", "version": "1.0.0"}\n');
  for (let file = 0; file < 50; file++)
    writeFileSync(join(repository, `src/${file}.js`), `export default ${file};\n`.repeat(100));
  const git = (...args) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=b', '-c', 'user.email=b@b', ...args], {
      stdio: 'ignore',
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'one');
  let runs = 0;
  const side = (kind, name, atOnce) => ({
    name: `${name}, ${COUNT} pushes, ${atOnce} at once`,
    get command() {
      const place = join(work, `${kind}-${runs++}`);
      const program = join(root, 'bench/programs/push-many.mjs');
      return [process.execPath, program, kind, place, repository, String(COUNT), String(atOnce)];
    },
  });
  return [1, 4].map((atOnce) => ({
    ours: side('receiver', 'our receiver', atOnce),
    theirs: side('nginx', 'git http-backend behind nginx', atOnce),
  }));
}
