import type {SourceEvent} from '@keelson/source';
import type {BuildEvent} from './build-event.ts';
import {buildSummary} from './build-summary.ts';

/** What a person reads on stderr; undefined says nothing. */
export function buildEventText(event: BuildEvent | SourceEvent): string | undefined {
  switch (event.type) {
    case 'build:opened':
      return `building ${event.name} ${event.version} with ${event.packageManager}`;
    case 'build:installed':
      return event.cached ? 'took the dependencies from the cache' : 'installed the dependencies';
    case 'build:signatures':
      if (event.installed === 0) return 'nothing is installed: there was no signature to verify';
      return event.packages > 0
        ? `verified the signatures of ${event.packages} packages`
        : 'no registry here publishes keys: no signature was verified';
    case 'build:release-age':
      return `${event.packages} packages have been out for at least ${event.days} days`;
    case 'build:scripts-held-back':
      return `install scripts that did not run (allow them with --rebuild): ${event.packages.join(', ')}`;
    case 'build:rebuilt':
      return `ran the install scripts of ${event.packages.join(', ')}`;
    case 'build:script-ran':
      return `ran the script ${event.name}${event.workspace === undefined ? '' : ` of ${event.workspace}`}`;
    case 'build:pruned':
      return 'removed what only development needs';
    case 'build:assembled':
      return `put ${event.workspace} and the ${event.packages} packages that it needs together`;
    case 'build:stripped': {
      const {packages, kept} = event;
      const built = packages.length === 0 ? 'no package' : packages.join(', ');
      return `to be built on the target: ${built}${kept.length === 0 ? '' : `; not stripped: ${kept.join(', ')}`}`;
    }
    case 'build:packed':
      return buildSummary(event);
    case 'package-manager:line':
      return event.line.trim() === '' ? undefined : `  ${event.line}`;
    case 'archive:excluded':
    case 'source:excluded':
      return `left out ${event.path}: ${event.because}`;
    case 'archive:packed':
      return 'packing';
  }
}
