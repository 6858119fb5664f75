import {Args, Flags, StepCommand, envFlag, toOptions, dryRunFlag, type CommandTable} from '@keelson/cli-kit';

interface Opt {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((e: {type: 'a:b'; n: number}) => void) | undefined;
  readonly dryRun?: boolean | undefined;
  readonly env?: readonly string[] | undefined;
  out?: string;
}
interface Req extends Opt {
  readonly root: string;
}
declare function step(v: string, o?: Opt): Promise<{kind: 'x'}>;
declare function need(v: string, o: Req): Promise<{kind: 'x'}>;

export default class X extends StepCommand {
  static override summary = 'x';
  static override args = {source: Args.string({default: '.'})};
  static override flags = {'dry-run': dryRunFlag(), env: envFlag(), out: Flags.string()};
  override async run() {
    const {args, flags} = await this.parse(X);
    await step(args.source, toOptions(flags, this.step));
    await step(args.source, toOptions(flags));
    const wanted: Opt = toOptions(flags);
    await step(args.source, wanted);
    const {env, ...rest} = flags;
    await step(args.source, toOptions(rest, {env, ...this.step}));
    await need(args.source, toOptions(flags, {root: 'x', ...this.step}));
    // @ts-expect-error root is missing
    await need(args.source, toOptions(flags, {...this.step}));
    // @ts-expect-error root is missing
    await need(args.source, toOptions(flags));
    // @ts-expect-error no option `other`
    await step(args.source, toOptions({...flags, other: 'x'}));
    // @ts-expect-error type of `out`
    await step(args.source, toOptions({...flags, out: 5}));
    return step(args.source, toOptions(flags, this.step));
  }
}
export const t: CommandTable = {'': async () => ({default: X}), a: async () => ({commands: t})};
