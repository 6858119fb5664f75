/** `@scope/app` → `scope-app-1.0.0.tgz`, as `npm pack` names it. */
export function archiveName(name: string, version: string): string {
  return `${archiveBase(name)}-${version}.tgz`;
}

/** What the names of all archives of this package begin with. */
export function archiveBase(name: string): string {
  return name.replace(/^@/, '').replaceAll('/', '-');
}
