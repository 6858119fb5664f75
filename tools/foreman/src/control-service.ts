import type {Socket} from 'node:net';
import {resolve} from 'node:path';
import type {ControlOptions} from './control-attachment.ts';
import {createFollower} from './control-follower.ts';
import type {OutputHistory} from './control-history.ts';
import {chooseProcesses} from './control-names.ts';
import {controlFolders, listSockets, makeControlFolder, socketPrefix} from './control-path.ts';
import type {ControlAnswer, ControlRequest, LogLine} from './control-protocol.ts';
import {listenForControl, type ControlServer} from './control-server.ts';
import {ForemanFault} from './fault.ts';
import type {Runner} from './runner.ts';

const BECAUSE = 'asked from another terminal';

/** Opens the control socket. Throws FOREMAN_CONTROL. */
export async function openControl(
  runner: Runner,
  {socket, runtimeDirectory}: ControlOptions,
  histories: ReadonlyMap<string, OutputHistory>,
): Promise<ControlServer> {
  const path = socket === undefined ? await ownPath(runner.plan.root, runtimeDirectory) : resolve(socket);
  return listenForControl(path, (request, peer) => handle(runner, request, {histories, peer}));
}

async function ownPath(root: string, runtimeDirectory: string | undefined): Promise<string> {
  const folders = controlFolders(runtimeDirectory);
  for (const candidate of folders) {
    const folder = await makeControlFolder(candidate);
    if (folder === undefined) continue;
    await listSockets(root, [folder]); // takes those away whose runners are gone
    return `${folder}/${socketPrefix(root)}.${process.pid}`;
  }
  throw new ForemanFault('FOREMAN_CONTROL', `none of these folders is ours alone: ${folders.join(', ')}`, {
    hint: 'Name a socket with --control.',
  });
}

interface Scene {
  readonly histories: ReadonlyMap<string, OutputHistory>;
  readonly peer: Socket;
}

async function handle(
  runner: Runner,
  request: ControlRequest,
  scene: Scene,
): Promise<ControlAnswer | undefined> {
  const named = request.verb === 'ps' ? [] : request.names;
  const names = chooseProcesses(runner.ps(), named).map(({name}) => name);
  if (request.verb === 'logs') {
    await sendLogs(runner, {...request, names}, scene);
  } else if (request.verb === 'restart') {
    await runner.restart(names, BECAUSE);
  } else if (request.verb === 'stop') {
    await runner.stop(names, BECAUSE);
  }
  const processes = runner.ps().filter(({name}) => names.includes(name));
  return {ok: true, pid: process.pid, processes};
}

/** The last lines of each process, by their time; then, when they are followed, what comes until the peer goes. */
async function sendLogs(
  runner: Runner,
  {names, lines, follow}: Extract<ControlRequest, {verb: 'logs'}>,
  {histories, peer}: Scene,
): Promise<void> {
  const follower = createFollower(peer);
  const past = names.map((name) => ({name, ...histories.get(name)!.lines()}));
  const known = past.flatMap(({lines: all}) => all).sort(byTime);
  const unfinished = follow ? [] : past.flatMap(({splitter}) => splitter.rest(Date.now()));
  const last = [...known, ...unfinished];
  follower.send(last.slice(Math.max(0, last.length - lines)));
  if (!follow) return;
  const splitters = new Map(past.map(({name, splitter}) => [name, splitter]));
  const forget = runner.onOutput((name, kind, chunk) => {
    const splitter = splitters.get(name);
    if (splitter !== undefined) follower.push(splitter, kind, chunk);
  });
  peer.once('end', () => peer.end()); // who asked has gone
  await new Promise((resolve) => peer.once('close', resolve));
  forget();
}

const byTime = (a: LogLine, b: LogLine): number => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
