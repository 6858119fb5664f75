import type {DependencyFacts} from '../archive-manifest.ts';

/** What the builder says it asked of dependencies, for a person. */
export function trustLines(facts: DependencyFacts): string[] {
  const {installScripts, signatures, minReleaseAge} = facts;
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));
  return [
    installScripts === undefined
      ? 'install scripts: not known, the dependencies were taken as they lay'
      : `install scripts that ran: ${list(installScripts.ran)}; held back: ${list(installScripts.heldBack)}`,
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
