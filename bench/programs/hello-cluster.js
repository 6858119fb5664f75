// hello-app.js in WORKERS workers of node:cluster, and nothing around them.
const cluster = require('node:cluster');
if (cluster.isPrimary) for (let worker = 0; worker < Number(process.env.WORKERS); worker++) cluster.fork();
else require('./hello-app.js');
