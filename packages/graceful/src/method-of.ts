/** A method as it is now, to be called by one that takes its place. */
export function methodOf<R>(object: object, name: string): (this: unknown, ...values: unknown[]) => R {
  return Reflect.get(object, name);
}
