import {join} from 'node:path';
import type {Runtime} from '@keelson/deployer';
import type {NodeFor} from '@keelson/preparer';
import {createSink, createTagger, type Tagger} from '@keelson/log-tagger';
import {supervise, type Generation, type Supervisor} from '@keelson/supervisor';
import {makeRuntime} from '@keelson/releases';
import {nodeFor} from './node-for.ts';
import {supervisorRuntime} from './runtime/supervisor.ts';

/** One app of this server: its deploy root, the supervisor that holds its sockets, and its log. */
export interface HostedApp extends AsyncDisposable {
  readonly name: string;
  readonly root: string;
  readonly basePort: number;
  readonly runtime: Runtime<Generation>;
  readonly environment: Readonly<Record<string, string | undefined>> | undefined;
  readonly supervisor: Supervisor;
  readonly nodeFor: NodeFor;
  readonly logs: Tagger;
}

export interface HostedAppPlace {
  readonly name: string;
  /** The app's deploy root. */
  readonly root: string;
  readonly basePort: number;
  /** Address that the app's web ports are bound to. */
  readonly host: string;
  readonly environment: Readonly<Record<string, string | undefined>> | undefined;
}

// 60 MiB of an app's output at most.
export const ROTATION = {size: 10 * 1024 ** 2, keep: 5};

/** Where the tagged output of an app's processes is kept; rotated files lie beside it. */
export function logFile(root: string): string {
  return join(root, '.keelson', 'log', 'app.log');
}

/** Opens the app's log and its supervisor; nothing runs yet. Disposing drains its processes and closes the log. */
export async function hostApp({host, ...place}: HostedAppPlace): Promise<HostedApp> {
  const {root} = place;
  await makeRuntime(root);
  const sink = createSink({kind: 'file', path: logFile(root), ...ROTATION});
  await sink.open(); // a log that cannot be written is told now; the tagger opens it again when it fails later
  const logs = createTagger({sink, timestamps: 'iso'});
  const supervisor = await supervise({runtimeDir: join(root, 'runtime'), host, logs}).catch(
    async (error: unknown) => {
      await logs.close();
      throw error;
    },
  );
  const runtime = supervisorRuntime(supervisor);
  const close = async () => {
    await supervisor.stop();
    await logs.close();
  };
  return {...place, nodeFor: nodeFor(root, place), runtime, supervisor, logs, [Symbol.asyncDispose]: close};
}
