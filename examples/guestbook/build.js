// Writes dist/, which is all that runs: the sources, the assets under names that change with their content, and
// release.js, which knows those names and the version. The same sources always give the same bytes.
import {createHash} from 'node:crypto';
import {cp, mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {theme} from './src/theme.js';

const source = new URL('src/', import.meta.url);
const target = new URL('dist/', import.meta.url);

await rm(target, {recursive: true, force: true});
await mkdir(new URL('assets/', target), {recursive: true});

for (const name of await readdir(source)) {
  if (name.endsWith('.js')) await cp(new URL(name, source), new URL(name, target));
}

const assets = {};
for (const name of (await readdir(new URL('assets/', source))).sort()) {
  const text = await readFile(new URL(`assets/${name}`, source), 'utf8');
  const themed = text.replaceAll('theme-accent', theme.accent);
  const fingerprint = createHash('sha256').update(themed).digest('hex').slice(0, 10);
  assets[name] = name.replace('.', `-${fingerprint}.`);
  await writeFile(new URL(`assets/${assets[name]}`, target), themed);
}

const {version} = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));
const release = `export const release = ${JSON.stringify({version, assets}, null, 2)};\n`;
await writeFile(new URL('release.js', target), release);

console.log(`guestbook ${version} is built in ${fileURLToPath(target)}`);
