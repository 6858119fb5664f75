import {run, SpawnFault} from '@keelson/spawn';
import type {Accept, Verdict} from './accept.ts';

const OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs a command of /bin/sh for each push: KEELSON_APP, KEELSON_REVISION, KEELSON_PATH, KEELSON_DIGEST in its environment, the archive (or
 * package) as JSON on its stdin. What it prints goes to the pusher; exit 0 accepts, 75 says that trying again may help.
 */
export function execAccept(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
): Accept {
  return async (received, {line, signal}) => {
    const brought = received.archive ?? received.package;
    const env = {
      ...(Object.fromEntries(
        Object.entries(environment).filter(([, value]) => value !== undefined),
      ) as Record<string, string>),
      KEELSON_APP: received.app,
      KEELSON_REVISION: received.revision,
      KEELSON_PATH: brought.path,
      KEELSON_DIGEST: received.archive?.digest ?? '',
      KEELSON_WORKSPACE: received.workspace ?? '',
    };
    try {
      const spec = {command, shell: true, env, input: `${JSON.stringify(brought)}\n`};
      await run(spec, {signal, maxOutputBytes: OUTPUT_BYTES, onEvent: (event) => line(event.line)});
      return {accepted: true};
    } catch (error) {
      if (!(error instanceof SpawnFault)) throw error;
      return refusal(error);
    }
  };
}

/** Why the command did not accept, without its line: that is nothing for the pusher. */
function refusal({code: fault, output}: SpawnFault): Verdict {
  const {code = null, signal} = output ?? {};
  const how =
    fault === 'SPAWN_OUTPUT_TOO_LARGE'
      ? `printed more than ${OUTPUT_BYTES} bytes and was ended`
      : fault !== 'SPAWN_EXIT'
        ? 'could not be started'
        : code === null
          ? `was ended by ${signal}`
          : `ended with ${code}`;
  return {accepted: false, because: `The command of this receiver ${how}.`, temporary: code === 75};
}
