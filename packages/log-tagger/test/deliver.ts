import type {Sink} from '@keelson/log-tagger';
import {until} from '@keelson/test-kit';

/** As the tagger's queue does it: after each failure the sink is opened until that works, and gets what has not arrived. */
export async function deliver(sink: Sink, lines: string): Promise<void> {
  const opens = () =>
    sink.open().then(
      () => true,
      () => false,
    );
  for (let rest = lines; rest !== '';) {
    await until(opens);
    const error = await Promise.resolve(sink.write(rest)).catch((reason) => reason);
    rest = error ? rest.slice(error.written) : '';
  }
}
