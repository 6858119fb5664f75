/** What happened, with the name of the process that it happened to. */
export type ForemanEvent =
  | {
      readonly type: 'foreman:started';
      readonly name: string;
      readonly pid: number;
      readonly port: number | undefined;
    }
  | {readonly type: 'foreman:ready'; readonly name: string}
  /** `because` as in "exited with code 7". */
  | {
      readonly type: 'foreman:exited';
      readonly name: string;
      readonly exitCode: number;
      readonly because: string;
    }
  | {readonly type: 'foreman:delayed'; readonly name: string; readonly delayMs: number}
  | {readonly type: 'foreman:restarted' | 'foreman:stopped'; readonly name: string; readonly because: string}
  | {readonly type: 'foreman:stopping'; readonly because: string}
  /** What is left is killed now. */
  | {readonly type: 'foreman:killed'; readonly because: string}
  /** For what watches or proxies: a line for people. */
  | {readonly type: 'foreman:noted'; readonly line: string};
