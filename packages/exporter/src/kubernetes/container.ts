import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {kubeletText} from './escape.ts';
import {probes} from './probes.ts';
import {variables} from './variables.ts';

const SHELL = ['/bin/sh', '-c'];

/** A request as large as the limit: what is promised is there. */
function resources({limits: {memoryMax, cpuQuota}}: CompleteProcess): object {
  const amounts = {
    ...(memoryMax === undefined ? {} : {memory: String(memoryMax)}),
    ...(cpuQuota === undefined ? {} : {cpu: `${Math.max(1, Math.round(cpuQuota * 1000))}m`}),
  };
  return Object.keys(amounts).length > 0 ? {resources: {requests: amounts, limits: amounts}} : {};
}

function security({harden, capabilities}: CompleteProcess): object {
  const named = {
    ...(harden === 'strict' ? {drop: ['ALL']} : {}),
    ...(capabilities ? {add: capabilities.map((name) => name.replace(/^CAP_/, ''))} : {}),
  };
  const context = {
    ...(harden === 'none' ? {} : {allowPrivilegeEscalation: false}),
    ...(harden === 'strict' ? {readOnlyRootFilesystem: true} : {}),
    ...(Object.keys(named).length > 0 ? {capabilities: named} : {}),
  };
  return Object.keys(context).length > 0 ? {securityContext: context} : {};
}

/** Hooks run in the container beside the program. */
function lifecycle({hooks}: CompleteProcess): object {
  const exec = (lines: readonly string[]) => ({
    exec: {command: [...SHELL, kubeletText(lines.map((line) => `(${line}\n)`).join(' && '))]},
  });
  const all = {
    ...(hooks.postStart ? {postStart: exec(hooks.postStart)} : {}),
    ...(hooks.preStop ? {preStop: exec(hooks.preStop)} : {}),
  };
  return Object.keys(all).length > 0 ? {lifecycle: all} : {};
}

/** What every container of a pod has. */
function common(model: CompleteModel, one: PlannedProcess, name: string): object {
  const {config, secret, env} = variables(model, one);
  const from = [
    ...(Object.keys(config).length > 0 ? [{configMapRef: {name}}] : []),
    ...(Object.keys(secret).length > 0 ? [{secretRef: {name}}] : []),
  ];
  return {
    image: model.image,
    workingDir: one.cwd,
    ...(from.length > 0 ? {envFrom: from} : {}),
    ...(env.length > 0 ? {env} : {}),
    ...security(one.of),
    ...(one.of.harden === 'strict' ? {volumeMounts: [{name: 'tmp', mountPath: '/tmp'}]} : {}),
  };
}

export function container(model: CompleteModel, one: PlannedProcess, name: string): object {
  return {
    name: 'app',
    command: one.argv.map(kubeletText),
    ...(one.port === undefined ? {} : {ports: [{name: 'http', containerPort: one.port}]}),
    ...common(model, one, name),
    ...resources(one.of),
    ...probes(one),
    ...lifecycle(one.of),
  };
}

/** A hook before the start is a container that has to end well. */
export function initContainers(model: CompleteModel, one: PlannedProcess, name: string): object {
  const {preStart} = one.of.hooks;
  if (!preStart) return {};
  return {
    initContainers: preStart.map((line, index) => ({
      name: `before-${index + 1}`,
      command: [...SHELL, kubeletText(line)],
      ...common(model, one, name),
    })),
  };
}
