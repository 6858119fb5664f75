import {run} from '@keelson/spawn';
import type {Accept} from './accept.ts';

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
    const {code, signal: killed} = await run(
      {command, shell: true, env, input: `${JSON.stringify(brought)}\n`},
      {
        signal,
        maxOutputBytes: OUTPUT_BYTES,
        accept: ANY_CODE,
        onEvent: (event) => line(event.line),
      },
    );
    if (code === 0) return {accepted: true};
    const how = code === null ? `was ended by ${killed}` : `ended with ${code}`;
    return {accepted: false, because: `The command of this receiver ${how}.`, temporary: code === 75};
  };
}

const ANY_CODE = Array.from({length: 256}, (_, code) => code);
