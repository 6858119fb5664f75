import type {Checker} from './formats/unit-format.ts';
import type {UnitFile} from './render-units.ts';

const isScript = ({content}: UnitFile) => /^#!\/bin\/sh\b/.test(content);

// All of them, so that each wrong one is named: `FILE: 3: Syntax error: …`.
const EACH = 'status=0; for file; do /bin/sh -n "$file" || status=1; done; exit $status';

/** The shell's own check of the scripts among files, which runs nothing of them; undefined when there is none. */
export function shellChecker(files: readonly UnitFile[]): Checker | undefined {
  const scripts = new Set(files.filter(isScript).map(({path}) => path));
  if (scripts.size === 0) return undefined;
  const chosen = (path: string) => [...scripts].some((script) => path.endsWith(`/${script}`));
  return {program: 'sh', argv: (paths) => ['-c', EACH, 'sh', ...paths.filter(chosen)]};
}
