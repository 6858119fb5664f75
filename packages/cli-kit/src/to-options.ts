type Camel<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;

/** Flags of every command, which no step takes. */
type BaseFlag = 'json' | 'quiet';

type TakenFlags<F, O> = {
  [K in keyof F]: K extends BaseFlag
    ? F[K]
    : Camel<K & string> extends keyof O
      ? O[Camel<K & string> & keyof O] | undefined
      : 'no option takes this flag';
};

type Given<F> = {[K in keyof F]: undefined extends F[K] ? never : Camel<K & string>}[keyof F];
type Rest<F, O> = Omit<O, Given<F> & keyof O> & Partial<O>;

/**
 * Options of a step, from the parsed flags of its command: `dry-run` becomes `dryRun`, flags that were not given are left out.
 * The type of the place it stands in says which options there are; a flag that none of them takes does not compile.
 */
export function toOptions<O extends object, F extends TakenFlags<F, O>>(
  flags: F,
  ...rest: {} extends Rest<F, NoInfer<O>> ? [rest?: Rest<F, NoInfer<O>>] : [rest: Rest<F, NoInfer<O>>]
): O {
  const given = Object.entries(flags).map(([name, value]) => [
    name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value as unknown,
  ]);
  const all = [...given, ...Object.entries(rest[0] ?? {})];
  return Object.fromEntries(
    all.filter(([name, value]) => value !== undefined && name !== 'json' && name !== 'quiet'),
  ) as O;
}
