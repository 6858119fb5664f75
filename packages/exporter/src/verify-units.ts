import {mkdir, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';

import {temporaryDirectory} from '@keelson/atomic-fs';
import {run, SpawnFault} from '@keelson/spawn';
import type {StepOptions} from '@keelson/step';

import {checkReadBack} from './check-read-back.ts';
import {ExportFault} from './fault.ts';
import {completeModel, type ModelOfFormat} from './complete-model.ts';
import type {Checker} from './formats/unit-format.ts';
import {shellChecker} from './install-shell-check.ts';
import type {Rendering} from './render-units.ts';
import type {ServiceModel} from './service-model.ts';

export interface Check {
  /** `read-back`, or the name of the manager's checker. */
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it was skipped, or what it advises though the files would work. */
  readonly because?: string | undefined;
}

export interface Verification {
  readonly kind: 'verification';
  /** Which checks ran. */
  readonly checks: readonly Check[];
  /** What they found, a line each. */
  readonly problems: readonly string[];
}

const TIMEOUT_MS = 60_000;

interface Finding {
  readonly check: Check;
  readonly problems: readonly string[];
}

function finding(name: string, problems: readonly string[], advice?: string): Finding {
  const result = problems.length === 0 ? 'passed' : 'failed';
  return {check: {name, result, ...(advice !== undefined && {because: advice})}, problems};
}

function readBack(rendering: Rendering, {adapter, complete, planned}: ModelOfFormat): Finding {
  try {
    checkReadBack(planned, adapter.readFiles(rendering.files, complete));
  } catch (error) {
    if (!(error instanceof ExportFault)) throw error;
    return finding('read-back', [error.message]);
  }
  return finding('read-back', []);
}

/** Lets the manager's checker read the files in a directory of their own. What it says about other units of the machine is left out. */
async function askChecker(
  {files}: Rendering,
  checker: Checker,
  options: StepOptions,
): Promise<Finding | undefined> {
  await using directory = await temporaryDirectory({prefix: 'keelson-verify-'});
  for (const {path, content, mode} of files) {
    await mkdir(dirname(join(directory.path, path)), {recursive: true});
    await writeFile(join(directory.path, path), content, {mode});
  }
  const argv = checker.argv(files.map(({path}) => join(directory.path, path)));
  if (argv === undefined) return undefined;
  try {
    const command = {command: checker.program, args: argv, cwd: directory.path};
    const {stdout, stderr, code} = await run(command, {
      signal: options.signal,
      timeoutMs: TIMEOUT_MS,
      accept: [0, 1],
    });
    const lines = `${stdout}\n${stderr}`
      .split('\n')
      .filter((line) => files.some(({path}) => line.includes(path)));
    if (code === 0 || lines.length > 0) {
      const said = lines.map((line) => line.replaceAll(`${directory.path}/`, ''));
      const isAdvice = (line: string) => checker.advice?.test(line) === true;
      return finding(
        checker.program,
        said.filter((line) => !isAdvice(line)),
        said.find(isAdvice),
      );
    }
    const because = `it failed without a word about these files: ${stderr.trim().split('\n')[0] ?? ''}`;
    return {check: {name: checker.program, result: 'skipped', because}, problems: []};
  } catch (error) {
    if (!(error instanceof SpawnFault) || error.code !== 'SPAWN_NOT_FOUND') throw error;
    const because = 'it is not installed here';
    return {check: {name: checker.program, result: 'skipped', because}, problems: []};
  }
}

/**
 * Reads rendered files back and compares them with the model, and asks the manager's own checker where there is one, and the shell about scripts.
 * What is wrong is a value, not a failure. Faults: EXPORT_MODEL; SpawnFault SPAWN_TIMEOUT.
 */
export async function verifyUnits(
  rendering: Rendering,
  model: ServiceModel,
  options: StepOptions = {},
): Promise<Verification> {
  options.signal?.throwIfAborted();
  const completed = await completeModel(rendering.format, model);
  const findings = [readBack(rendering, completed)];
  for (const checker of [completed.adapter.checker, shellChecker(rendering.files)]) {
    const asked = checker && (await askChecker(rendering, checker, options));
    if (asked) findings.push(asked);
  }
  return {
    kind: 'verification',
    checks: findings.map(({check}) => check),
    problems: findings.flatMap(({problems}) => problems),
  };
}
