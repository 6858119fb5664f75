import type {Attachment, Runner} from './runner.ts';
import {watchFiles} from './watch-files.ts';

/** Restarts a type when one of its files has changed. Throws FOREMAN_WATCH. */
export const watchAttachment: Attachment = async (runner) => {
  const {root, processes} = runner.plan;
  const globs = new Map(
    processes.filter(({watch}) => watch.length > 0).map(({type, watch}) => [type, watch] as const),
  );
  const restarts = restartsOf(runner);
  return watchFiles(root, {
    globs,
    onChange: (type, paths) => {
      const more = paths.length === 1 ? '' : ` and ${paths.length - 1} more`;
      restarts.ask(type, `${paths[0]}${more} changed`);
    },
    onFault: ({message, hint}) => runner.tell({type: 'foreman:noted', line: `${message}. ${hint ?? ''}`}),
  });
};

/** One restart of a type at a time: what changes meanwhile asks for one more. */
function restartsOf(runner: Runner) {
  const busy = new Map<string, string | undefined>();
  const restart = async (type: string, because: string): Promise<void> => {
    for (let next: string | undefined = because; next !== undefined; next = busy.get(type)) {
      busy.set(type, undefined);
      await runner.restart([type], next).catch(() => {}); // the runner tells what has failed, and ends
    }
    busy.delete(type);
  };
  return {
    ask(type: string, because: string): void {
      if (busy.has(type)) busy.set(type, because);
      else void restart(type, because);
    },
  };
}
