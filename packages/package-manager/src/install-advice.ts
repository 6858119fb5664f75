import type {Advice} from './run-manager.ts';
import type {PackageManager} from './package-manager.ts';
import {commandsOf} from './managers/table.ts';

const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ESOCKETTIMEDOUT|ECONNRESET|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E50[0234]|ERR_PNPM_FETCH_50\d)\b/;

const SHOWN = 5;

/** What to do when an installation failed, from what the package manager printed. */
export function installAdvice(manager: PackageManager): (lines: string) => Advice | undefined {
  const {lock, outdated} = commandsOf(manager);
  const {lockfile} = manager;
  return (output) => {
    if (outdated.test(output)) {
      const differences = output.match(/(Missing|Invalid): .+/g)?.slice(0, SHOWN) ?? [];
      return {
        because: [`package.json and ${lockfile} disagree`, ...differences].join('\n  '),
        hint: `Run \`${lock}\` and commit ${lockfile}.`,
      };
    }
    if (UNREACHABLE.test(output))
      return {hint: 'The registry could not be reached; try again.', temporary: true};
    if (/\bE40[13]\b|ERR_PNPM_FETCH_40[13]/.test(output))
      return {hint: 'The registry wants credentials: put them into ~/.npmrc.'};
    if (/\bEINTEGRITY\b|ERR_PNPM_TARBALL_INTEGRITY/.test(output))
      return {
        hint: `A package is not the one that ${lockfile} names: find out why before you change the lockfile.`,
      };
    return undefined;
  };
}
