// One ESM file for oclif and our base command: half the start-up time of node_modules/@oclif/core.
import {build} from 'esbuild';

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['dist/index.js'],
  outfile: 'dist/bundle.js',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  legalComments: 'none',
  define: {'process.env.OCLIF_DISABLE_ENGINE_WARNING': '"1"'},
  banner: {
    js: "import{createRequire as __cr}from'node:module';import{fileURLToPath as __fu}from'node:url';import{dirname as __dn}from'node:path';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);",
  },
});
