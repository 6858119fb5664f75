import {readFile} from 'node:fs/promises';
import type {SourceEvent} from '@keelson/source';
import type {StepOptions} from '@keelson/step';
import {parseDestination, type Destination} from './destination.ts';
import {openPublishable} from './parcel/open-publishable.ts';
import {publish, publishToAll} from './publish.ts';
import type {FailedPublication, Publication, Publications, PublishEvent} from './publication.ts';

export interface RunPublishOptions extends StepOptions<PublishEvent | SourceEvent> {
  /** The environment: KEELSON_TOKEN, KEELSON_SOURCE_TOKEN, KEELSON_SSH, GIT_SSH_COMMAND, SOURCE_DATE_EPOCH. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly tokenFile?: string | undefined;
  readonly thenRun?: string | undefined;
  readonly tries?: number | undefined;
}

export interface PublishRun {
  readonly value: Publication | Publications;
  /** For people. */
  readonly text: readonly string[];
  /** 1: refused or failed somewhere; 75: what failed was temporary. */
  readonly exitCode: 0 | 1 | 75;
}

/** What `keelson publish` does with its words. One destination gives its publication, several the list of them. */
export async function runPublish(
  input: unknown,
  destinations: readonly string[],
  {signal, onEvent, variables, tokenFile, thenRun, tries}: RunPublishOptions,
): Promise<PublishRun> {
  const all = destinations.map(parseDestination);
  const token =
    tokenFile === undefined ? variables['KEELSON_TOKEN'] : (await readFile(tokenFile, 'utf8')).trim();
  const epoch = variables['SOURCE_DATE_EPOCH'] ?? '';
  const options = {
    signal,
    onEvent,
    tries,
    token: token || undefined,
    date: /^\d{1,12}$/.test(epoch) ? new Date(Number(epoch) * 1000) : undefined,
    ssh: {command: (variables['KEELSON_SSH'] ?? variables['GIT_SSH_COMMAND']) || undefined, thenRun},
  };
  await using opened = await openPublishable(input, {
    signal,
    onEvent,
    token: variables['KEELSON_SOURCE_TOKEN'] || undefined,
  });
  const {what} = opened;
  const {name, version} = what.kind === 'archive' ? what.manifest : what;
  const line = (one: Publication | FailedPublication) =>
    `${one.result}: ${name} ${version} → ${placeOf(one.to)}${one.result === 'failed' ? ` (${one.error.message})` : ''}`;
  if (all.length === 1) {
    const value = await publish(what, all[0]!, options);
    return {value, text: [line(value)], exitCode: value.result === 'refused' ? 1 : 0};
  }
  const value = await publishToAll(what, all, options);
  return {value, text: value.publications.map(line), exitCode: exitCodeOf(value)};
}

function exitCodeOf({publications}: Publications): 0 | 1 | 75 {
  const bad = publications.filter(({result}) => result === 'refused' || result === 'failed');
  if (bad.length === 0) return 0;
  return bad.every((one) => one.result === 'failed' && one.error.temporary) ? 75 : 1;
}

function placeOf(to: Destination): string {
  if (to.kind === 'file') return to.path;
  return to.kind === 'git' ? `${to.url}#${to.branch}` : to.url;
}
