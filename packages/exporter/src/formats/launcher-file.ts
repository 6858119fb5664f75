import {join} from 'node:path/posix';

import type {Dropper} from '../launcher/drop.ts';
import {type LauncherOptions, launcherLines} from '../launcher/script.ts';
import {markerLine} from '../marker.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';
import type {Format} from './table.ts';

/** The launcher of an instance as a file of its own, `shop-web-1.sh`: it holds values, so only root reads it. */
export function launcherFile(
  model: CompleteModel,
  one: PlannedProcess,
  {format, ...options}: LauncherOptions & {readonly format: Format; readonly dropper: Dropper},
): UnitFile {
  const marker = markerLine({app: model.name, format});
  const lines = launcherLines(model, one, options);
  return {path: `${one.id}.sh`, content: ['#!/bin/sh', marker, ...lines, ''].join('\n'), mode: 0o700};
}

/** Where it will lie. */
export function launcherPath(model: CompleteModel, {id}: PlannedProcess): string {
  return join(model.unitDir, `${id}.sh`);
}
