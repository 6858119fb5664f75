// A folder of 43 000 files as a commit on a deploy branch: our pack against what every deploy script does with an index of its own, against
// `git fast-import`, and isomorphic-git (of the small tree: the large one takes it minutes and 4 GB).
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {CHANGE, COMMIT, ISOMORPHIC, PLUMBING} from '../git-programs.js';
import {needPrograms, npmPeer} from '../peers.js';
import {installedTree} from '../trees.js';

export default function gitCommit({root, work}) {
  needPrograms(['git'], 'apt-get install git');
  const module = pathToFileURL(join(root, 'packages/git/dist/index.js')).href;
  const isomorphic = pathToFileURL(npmPeer('isomorphic-git', '1.44.11', 'index.js')).href;
  const node = (program, ...args) => [process.execPath, '--input-type=module', '-e', program, ...args];
  const sh = (program, ...args) => ['sh', '-ec', program, 'sh', ...args];
  const at = (name) => join(work, name);
  const fresh = (name, tree, way = '') => ({
    name,
    command: sh(
      'rm -rf "$1"; shift; exec "$@"',
      at('o.git'),
      ...node(COMMIT, module, tree, at('o.git'), way),
    ),
  });
  const plumbing = (tree) => ({
    name: 'git add, write-tree, commit-tree',
    command: sh(`rm -rf "$2" "$3"; git init -q --bare "$2"; ${PLUMBING}`, tree, at('p.git'), at('index')),
  });
  const [small, large] = [installedTree('small'), installedTree('large')];

  // The trees are the bench's own for all cases: what changes is a copy.
  const copy = at('copy');
  execFileSync('cp', ['-a', large, copy]);
  execFileSync('git', ['init', '-q', '--bare', at('ap.git')]);
  execFileSync('sh', sh(PLUMBING, copy, at('ap.git'), at('kept')).slice(1));
  execFileSync(process.execPath, node(COMMIT, module, copy, at('ao.git'), 'again').slice(1));
  const change = (then) => sh(`${CHANGE} shift; exec "$@"`, copy, ...then);
  return [
    {ours: fresh('commitTree, large', large), theirs: plumbing(large)},
    {ours: fresh('commitTree, large', large), theirs: {...fresh('git fast-import', large, 'git')}},
    {
      ours: fresh('commitTree, small', small),
      theirs: {
        name: 'isomorphic-git add, commit',
        command: sh(
          'rm -rf "$1"; git init -q --bare "$1"; shift; exec "$@"',
          at('i.git'),
          ...node(ISOMORPHIC, isomorphic, small, at('i.git')),
        ),
      },
    },
    {
      ours: fresh('commitTree, small', small),
      theirs: fresh('our way without git, small', small, 'isomorphic'),
    },
    {
      ours: {
        name: '10 changed, large, remember',
        command: change(node(COMMIT, module, copy, at('ao.git'), 'again')),
      },
      theirs: {name: 'git add …, index kept', command: change(sh(PLUMBING, copy, at('ap.git'), at('kept')))},
    },
    {
      ours: {name: '10 changed, large', command: change(node(COMMIT, module, copy, at('ao.git')))},
      theirs: {
        name: 'git add …, a new index',
        command: change(sh(`rm -f "$3"; ${PLUMBING}`, copy, at('ap.git'), at('other'))),
      },
    },
  ];
}
