/** One import of a file: the specifier, whether it is only for types, and whether it runs when the file is loaded. */
export interface Import {
  readonly specifier: string;
  readonly package: string | undefined;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Lists the imports of a TypeScript text. Comments are left out, so an import in a docstring does not count. */
export function readImports(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  for (const [, type, specifier] of code.matchAll(STATIC))
    found.push(toImport(specifier!, {typeOnly: type !== undefined, dynamic: false}));
  for (const [whole, specifier] of code.matchAll(DYNAMIC)) {
    const before = code.slice(0, code.indexOf(whole));
    // `import('x').Y` in a type position has no await, arrow or return in front of it
    const typeOnly = /[:<|&]\s*$|\btypeof\s+$/.test(before);
    found.push(toImport(specifier!, {typeOnly, dynamic: true}));
  }
  return found;
}

function toImport(specifier: string, facts: {typeOnly: boolean; dynamic: boolean}): Import {
  return {specifier, package: packageOf(specifier), ...facts};
}

/** `@x/y/z` → `@x/y`; relative and `node:` specifiers have none. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}
