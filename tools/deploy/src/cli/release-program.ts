export {};

/** `node release-program.js ROOT N HOST`: what the unit of a release starts. */
const {failureExit, serveRelease} = await import('../runtime/serve-release.ts');
const [root = '', release = '', host = ''] = process.argv.slice(2);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => stop.abort(new Error(`got ${signal}`)));
try {
  process.exitCode = await serveRelease({
    root,
    release: Number(release),
    host,
    environment: process.env,
    signal: stop.signal,
  });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = await failureExit(root, Number(release));
}
