// The app under strong-cluster-control (PEER); SIGUSR2 restarts all workers. Prints "up" and "rolled".
const cluster = require('node:cluster');

if (cluster.isMaster) {
  const control = require(process.env.PEER);
  cluster.setupMaster({exec: process.argv[2]});
  control.start({size: Number(process.env.WORKERS)});
  control.on('error', () => {});
  control.once('resize', () => process.stdout.write('up\n'));
  control.on('restart', () => process.stdout.write('rolled\n'));
  process.on('SIGUSR2', () => control.restart());
}
