import {execFileSync} from 'node:child_process';

/** What `packageManager` of package.json says, and how the manager writes its lockfile; it comes through npm. */
export interface OtherManager {
  readonly field: string;
  /** Runs it in a folder. */
  run(cwd: string, ...args: readonly string[]): void;
  /** For `describeWith`: without a registry it is missing. */
  readonly program: string;
}

export function otherManager(name: 'pnpm' | 'yarn', version: string): OtherManager {
  const specification = name === 'yarn' && !version.startsWith('1.') ? '@yarnpkg/cli-dist' : name;
  const exec = [
    'exec',
    '--yes',
    '--prefer-offline',
    '--fetch-retries=0',
    `--package=${specification}@${version}`,
  ];
  const call = (cwd: string, ...args: readonly string[]) =>
    execFileSync('npm', [...exec, '--', ...args], {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
      env: {...process.env, pnpm_config_pm_on_fail: 'ignore', YARN_ENABLE_IMMUTABLE_INSTALLS: 'false'},
    });
  let program = `${name} ${version}`;
  try {
    program = call('/', 'sh', '-c', `command -v ${name}`).trim();
  } catch {
    // no registry
  }
  return {field: `${name}@${version}`, program, run: (cwd, ...args) => void call(cwd, name, ...args)};
}
