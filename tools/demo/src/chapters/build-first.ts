import type {Facts} from '../demo.ts';
import type {Stage} from '../stage.ts';

/** Source tree → archive: dependencies installed, built, pruned, packed with a manifest. */
export async function buildFirst(stage: Stage): Promise<Facts> {
  return buildVersion(stage, '1.0.0');
}

/** Builds the app's work tree as it is now. */
export async function buildVersion(stage: Stage, version: string): Promise<Facts> {
  const to = stage.archive(version);
  const {stdout} = await stage.keelson(['build', '.', '--out', to, '--json'], {silent: true});
  const archive = JSON.parse(stdout) as {bytes: number; digest: string; manifest: {addons: string[]}};
  const addons = archive.manifest.addons.length;
  stage.found(`${(archive.bytes / 1024 / 1024).toFixed(1)} MB, ${addons} native add-ons, ${archive.digest}`);
  return {bytes: archive.bytes, digest: archive.digest, addons};
}
