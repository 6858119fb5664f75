/**
 * The app that a file of a drop folder is for: `shop.tgz` and `shop-1.2.3.tgz` are for shop, as is every tarball in `shop/`.
 * Undefined: not a tarball, or still being written under another name (`.shop.tgz`, `shop.tgz.part`).
 */
export function appOfFile(path: string): string | undefined {
  const [, folder, name] = /^(?:([^/]+)\/)?([^/.][^/]*)\.(?:tgz|tar\.gz|tar|tar\.zst)$/.exec(path) ?? [];
  return folder ?? name?.replace(/-v?\d[^/]*$/, '');
}
