import type {ForkedWorker} from './plugin.ts';

/** What worker-answers.cts can be asked. */
export type WorkerQuestion =
  | {readonly what: 'metrics'}
  | {readonly what: 'heap-snapshot'; readonly path: string}
  | {readonly what: 'cpu-profile'; readonly path: string; readonly ms: number};

export type WorkerAnswer = {readonly worker: string} & (
  | {readonly value: unknown}
  | {readonly because: string}
);

/** Asks workers something, and knows their answers from what their apps say. */
export class WorkerQuestions {
  readonly #send: (message: object, target: string | undefined) => number;
  readonly #waiting = new Map<number, (answer: WorkerAnswer) => void>();
  #count = 0;

  /** @param send returns how many workers it went to */
  constructor(send: (message: object, target: string | undefined) => number) {
    this.#send = send;
  }

  /** Resolves when all have answered, or after `ms` with the answers that have come. */
  ask(question: WorkerQuestion, ms: number, target?: string): Promise<WorkerAnswer[]> {
    return new Promise((resolve) => {
      const id = ++this.#count;
      const answers: WorkerAnswer[] = [];
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(answers);
      };
      const timer = setTimeout(done, ms);
      const expected = this.#send({'keelson:ask': id, ...question}, target);
      this.#waiting.set(id, (answer) => {
        answers.push(answer);
        if (answers.length >= expected) done();
      });
      if (expected === 0) done();
    });
  }

  /** @returns whether a message was an answer */
  receive(message: unknown, {worker}: ForkedWorker): boolean {
    const {because, value, 'keelson:answer': id} = (message ?? {}) as Record<string, unknown>;
    if (typeof id !== 'number') return false;
    this.#waiting.get(id)?.(typeof because === 'string' ? {worker, because} : {worker, value});
    return true;
  }
}
