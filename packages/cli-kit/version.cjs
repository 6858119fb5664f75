// What a bin answers to `--version`. CommonJS: a bin in CommonJS answers before Node has started its loader of ES modules, which would
// take longer than all the rest.
const {readFileSync, writeSync} = require('node:fs');

exports.answerVersion = (root, [word]) => {
  if (word !== '--version' && word !== '-V') return false;
  const {name, version} = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  try {
    // Without process.stdout, whose first use loads the streams.
    writeSync(1, `${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
  } catch (error) {
    // Nobody reads it: 128 + SIGPIPE, as the shell says it.
    if (error.code === 'EPIPE') process.exit(141);
    throw error;
  }
  return true;
};
