const {statSync} = require('node:fs');
const {join} = require('node:path');
const {pathToFileURL} = require('node:url');

const BUNDLE = join(__dirname, '../dist/run.cjs');
const BUILD = join(__dirname, '../dist/.tsbuildinfo');

/**
 * A plain `run` in little memory: for every bin that has this command. False, with nothing done, for a command line that the parser
 * of the commands has to look at; rejects with what that is to tell.
 */
exports.runAtOnce = async (argv) => isMade() && require(BUNDLE).runAtOnce(argv);

/** The same, or else through the commands of this package. */
exports.begin = async (file, argv) => {
  let failure;
  try {
    if (await exports.runAtOnce(argv)) return;
  } catch (error) {
    failure = error;
  }
  const {main} = await import('@keelson/cli-kit/main');
  await main(pathToFileURL(file).href, async () => {
    if (failure !== undefined) throw failure;
    return import('../dist/commands.js');
  });
};

/** In a working copy the compiler may have been here since; its file is in no package. */
function isMade() {
  const made = timeOf(BUNDLE);
  return made !== undefined && made >= (timeOf(BUILD) ?? 0);
}

function timeOf(file) {
  return statSync(file, {throwIfNoEntry: false})?.mtimeMs;
}
