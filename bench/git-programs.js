// Small programs that the git cases start, each with its arguments in process.argv.slice(1).

/** module, folder, repository; a way, `again` (only what changed since the last time is read), or nothing */
export const COMMIT = `
const [module, dir, gitDir, way] = process.argv.slice(1);
const {commitTree, initBare} = await import(module);
await initBare(gitDir);
await commitTree(dir, {gitDir, branch: 'deploy', message: 'bench', date: new Date(0), ...(way === 'again' ? {remember: true} : way ? {way} : {})});
`;

/** isomorphic-git's own words for it: module of isomorphic-git, folder, repository */
export const ISOMORPHIC = `
import fs from 'node:fs';
const [module, dir, gitdir] = process.argv.slice(1);
const {default: git} = await import(module);
await git.add({fs, dir, gitdir, filepath: '.', force: true});
await git.commit({fs, dir, gitdir, ref: 'refs/heads/deploy', message: 'bench', author: {name: 'bench', email: 'bench@localhost'}});
`;

/** What strong-build and every deploy script do: an index of its own, kept or not. $1 folder, $2 repository, $3 index */
export const PLUMBING = `
export GIT_DIR="$2" GIT_WORK_TREE="$1" GIT_INDEX_FILE="$3" GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b
git -c core.autocrlf=false -c gc.auto=0 -c advice.addEmbeddedRepo=false add --force --all .
tree=$(git write-tree)
parent=$(git rev-parse --quiet --verify refs/heads/deploy || :)
git update-ref refs/heads/deploy "$(git commit-tree "$tree" \${parent:+-p "$parent"} -m bench)"
`;

/** Ten files get other contents, the same number of bytes. $1 folder */
export const CHANGE = `
find "$1" -name package.json -type f | sort | head -10 | while read -r file; do date +%N >> "$file"; done
`;

/** module of git, module of the publisher's exchange, folder, repository, URL: the commit is there, its pack is sent */
export const PUSH = `
const [module, exchange, gitDir, url, pack, revision] = process.argv.slice(1);
const {statSync} = await import('node:fs');
const {pushPack} = await import(module);
const {smartExchange} = await import(exchange);
const branch = 'b' + process.pid;
const push = {url, branch, revision, expected: undefined, pack: {path: pack, bytes: statSync(pack).size}};
if ((await pushPack(push, await smartExchange(url, {})))?.changed !== true) process.exit(1);
`;
