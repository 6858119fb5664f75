const {pathToFileURL} = require('node:url');

const {loadBundle} = require('./load-bundle.js');

/** A plain `start` at once; anything else, and whatever fails, through the commands. */
exports.begin = async (file, argv) => {
  let failure;
  if (argv[0] === 'start') {
    try {
      if (await loadBundle()?.startAtOnce(argv.slice(1))) return;
    } catch (error) {
      failure = error;
    }
  }
  await exports.command(file, failure);
};

/** The commands; with a failure they tell it, and exit as it says. */
exports.command = async (file, failure) => {
  const {main} = await import('@keelson/cli-kit/main');
  await main(pathToFileURL(file).href, async () => {
    if (failure !== undefined) throw failure;
    return import('../dist/commands.js');
  });
};
