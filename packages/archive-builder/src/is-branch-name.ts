// oxlint-disable-next-line no-control-regex -- refusing them is the point
const NEVER = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|^HEAD$/;

/** As git-check-ref-format(1) says of `--branch`. */
export function isBranchName(name: string): boolean {
  const parts = name.split('/');
  return (
    name !== '' && !NEVER.test(name) && !parts.some((part) => part.startsWith('.') || part.endsWith('.lock'))
  );
}
