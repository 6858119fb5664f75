// What an app does by hand: WORKERS workers of node:cluster. At SIGUSR2 one after another gets a successor; when that listens, the old one
// gets SIGTERM, and SIGKILL ten seconds later. Prints "up" once all listen, and "rolled".
const cluster = require('node:cluster');

cluster.setupPrimary({exec: process.argv[2]});
const workers = [];
const fork = () =>
  new Promise((resolve) =>
    cluster.fork().once('listening', function listening() {
      resolve(this);
    }),
  );

async function roll() {
  for (let at = 0; at < workers.length; at++) {
    const old = workers[at];
    workers[at] = await fork();
    old.process.kill('SIGTERM');
    const late = setTimeout(() => old.process.kill('SIGKILL'), 10_000);
    await new Promise((resolve) => old.once('exit', resolve));
    clearTimeout(late);
  }
  process.stdout.write('rolled\n');
}

async function main() {
  for (let count = 0; count < Number(process.env.WORKERS); count++) workers.push(await fork());
  process.stdout.write('up\n');
}
process.on('SIGUSR2', roll);
process.on('SIGTERM', () => {
  for (const worker of workers) worker.process.kill('SIGKILL');
  process.exit();
});
void main();
