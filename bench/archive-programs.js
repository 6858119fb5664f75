// Small programs that the archive cases start, each with its arguments in process.argv.slice(1).

/** module, folder, archive, folder of the cache or nothing; prints the most memory that it held, in MiB */
export const PACK = `
const [module, dir, to, cache] = process.argv.slice(1);
const {runtimeFacts, writeArchive} = await import(module);
const facts = {
  name: 'bench', version: '1.0.0', source: {}, builder: 'bench', node: runtimeFacts(), packageManager: {name: 'npm'},
  scripts: [], processTypes: [], required: [], addons: [],
};
await writeArchive(dir, {facts, to, ...(cache ? {cache: {dir: cache}} : {})});
console.log(Math.round(process.resourceUsage().maxRSS / 1024));
`;

/** module, archive, folder; verified by keelson.json, or not; prints the same */
export const EXTRACT = `
const [module, from, to, verified] = process.argv.slice(1);
const {extractArchive, openArchive, unpackTarball} = await import(module);
if (verified) await extractArchive(await openArchive(from), to);
else await unpackTarball(from, to);
console.log(Math.round(process.resourceUsage().maxRSS / 1024));
`;

/** Our block writer and tar-stream's: both synchronous reads, no compression, no manifest. */
export const TAR_STREAM = `
import fs from 'node:fs';
import {pipeline} from 'node:stream/promises';
const [tarStream, dir, to] = process.argv.slice(1);
const {pack} = await import(tarStream);
const tar = pack();
const done = pipeline(tar, fs.createWriteStream(to));
const walk = async (folder) => {
  for (const entry of fs.readdirSync(dir + folder, {withFileTypes: true})) {
    const name = folder + '/' + entry.name;
    if (entry.isDirectory()) await walk(name);
    else if (entry.isFile()) await new Promise((next) => tar.entry({name: 'package' + name, mode: 0o644}, fs.readFileSync(dir + name), next));
  }
};
await walk('');
tar.finalize();
await done;
`;
