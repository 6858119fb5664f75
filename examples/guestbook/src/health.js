/** Reads the store as a page does. Throws when it cannot be read. */
export function health(store) {
  store.newest({limit: 1});
  return {status: 'pass', entries: store.count()};
}
