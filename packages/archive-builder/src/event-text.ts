import type {SourceEvent} from '@keelson/source';
import type {BuildEvent} from './build-event.ts';

/** What a person reads on stderr; undefined says nothing. */
export function buildEventText(event: BuildEvent | SourceEvent): string | undefined {
  switch (event.type) {
    case 'build:opened':
      return `building ${event.name} ${event.version} with ${event.packageManager}`;
    case 'build:installed':
      return event.cached ? 'took the dependencies from the cache' : 'installed the dependencies';
    case 'build:scripts-held-back':
      return `install scripts that did not run (allow them with --rebuild): ${event.packages.join(', ')}`;
    case 'build:rebuilt':
      return `ran the install scripts of ${event.packages.join(', ')}`;
    case 'build:script-ran':
      return `ran the script ${event.name}`;
    case 'build:pruned':
      return 'removed what only development needs';
    case 'build:packed':
      return `packed ${event.entries} files, ${(event.bytes / 1e6).toFixed(1)} MB`;
    case 'package-manager:line':
      return event.line.trim() === '' ? undefined : `  ${event.line}`;
    case 'archive:excluded':
    case 'source:excluded':
      return `left out ${event.path}: ${event.because}`;
    case 'archive:packed':
      return 'packing';
  }
}
