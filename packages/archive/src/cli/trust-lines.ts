import type {DependencyFacts} from '../archive-manifest.ts';

/** What the builder says it asked of dependencies, for a person. */
export function trustLines(facts: DependencyFacts): string[] {
  const {scriptsRan, scriptsHeldBack, signatures, minReleaseAge} = facts;
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
  return [
    `install scripts that ran: ${list(scriptsRan)}; held back: ${list(scriptsHeldBack)}`,
    signatures === undefined
      ? 'signatures of registries: not verified'
      : `signatures of registries: ${signatures.verified} packages verified`,
    ...(minReleaseAge === undefined
      ? []
      : [
          `released at least ${minReleaseAge.days} days before the build: ${minReleaseAge.packages} packages`,
        ]),
  ];
}
