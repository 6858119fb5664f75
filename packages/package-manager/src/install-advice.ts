import type {Advice} from './run-manager.ts';
import type {PackageManager} from './package-manager.ts';
import {MANAGERS} from './managers/table.ts';

const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ESOCKETTIMEDOUT|ECONNRESET|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E50[0234]|ERR_PNPM_FETCH_50\d)\b/;

/** What to do when an installation failed, from what the package manager printed. */
export function installAdvice(manager: PackageManager): (lines: string) => Advice | undefined {
  const {lock, outdated} = MANAGERS[manager.name];
  return (lines) => {
    if (outdated.test(lines))
      return {
        hint: `package.json and ${manager.lockfile} disagree: run \`${lock}\` and commit ${manager.lockfile}.`,
      };
    if (UNREACHABLE.test(lines))
      return {hint: 'The registry could not be reached; try again.', temporary: true};
    if (/\bE40[13]\b|ERR_PNPM_FETCH_40[13]/.test(lines))
      return {hint: 'The registry wants credentials: put them into ~/.npmrc, or NPM_CONFIG_USERCONFIG.'};
    if (/\bEINTEGRITY\b|ERR_PNPM_TARBALL_INTEGRITY/.test(lines))
      return {
        hint: `A package is not the one that ${manager.lockfile} names. Find out why before you change the lockfile.`,
      };
    return undefined;
  };
}
