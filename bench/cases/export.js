// 1 000 apps of 4 processes each rendered to systemd: read back and compared, as every export is. Beside it: one app, for what starting costs.
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

const APPS = 1000;

const RENDER = `
const [module, apps] = process.argv.slice(1);
const {renderUnits} = await import(module);
const env = {DATABASE_URL: 'postgres://u:p%40ss@h/db', GREETING: 'say "hi"', KEY: 'line1\\nline2', NODE_ENV: 'production'};
const commands = {web: 'node server.js', worker: 'node worker.js --queue $QUEUE', clock: 'cd lib && node clock.js', mail: 'node mail.js'};
let bytes = 0;
for (let index = 0; index < Number(apps); index++) {
  const processes = Object.entries(commands).map(([name, command], at) => ({name, command, env, port: {base: 5000 + 100 * at}}));
  const model = {schema: 1, name: 'app-' + index, root: '/srv/app/current', programs: {node: '/usr/bin/node'}, user: {name: 'app'}, processes};
  for (const {content} of (await renderUnits('systemd', model)).files) bytes += content.length;
}
console.log(bytes);
`;

export default function exported({root}) {
  const {execPath: node} = process;
  const module = pathToFileURL(join(root, 'packages/exporter/dist/index.js')).href;
  return [
    {
      ours: {
        name: `renderUnits, ${APPS} apps × 4`,
        command: [node, '--input-type=module', '-e', RENDER, module, String(APPS)],
      },
      theirs: {
        name: 'renderUnits, 1 app × 4',
        command: [node, '--input-type=module', '-e', RENDER, module, '1'],
      },
    },
  ];
}
