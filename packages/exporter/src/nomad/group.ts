import {dnsLabel} from '../dns-label.ts';
import type {HclBlock} from '../hcl/write.ts';
import type {CompleteModel, CompleteProcess} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import {hookTasks, task} from './task.ts';

/** Nomad refuses more delay within an interval than there is time. */
function restart({restart: {policy, delayMs, limit}}: CompleteProcess): HclBlock {
  if (policy === 'no') return {block: 'restart', values: {attempts: 0, mode: 'fail'}};
  const attempts = limit?.count ?? 10;
  const interval = Math.max(limit?.withinMs ?? 0, 2 * attempts * delayMs, 10_000);
  return {
    block: 'restart',
    values: {
      attempts,
      interval: `${interval}ms`,
      delay: `${delayMs}ms`,
      mode: limit ? 'fail' : 'delay',
    },
  };
}

function service(model: CompleteModel, one: PlannedProcess): HclBlock | undefined {
  if (one.port === undefined) return undefined;
  const {health} = one.of;
  const check: HclBlock | undefined =
    health?.kind === 'http'
      ? {
          block: 'check',
          values: {
            type: 'http',
            path: health.path.replaceAll('$', '%24'),
            interval: `${Math.max(1000, health.intervalMs)}ms`,
            timeout: `${Math.max(1000, health.timeoutMs)}ms`,
          },
          blocks: [{block: 'check_restart', values: {limit: health.retries, grace: '10s'}}],
        }
      : undefined;
  return {
    block: 'service',
    values: {name: dnsLabel(model, one.of.name), port: 'http', provider: 'nomad'},
    blocks: [check],
  };
}

function scaling({scale, instances, boot}: CompleteProcess): HclBlock | undefined {
  if (!scale || !boot) return undefined;
  const target: HclBlock = {
    block: 'strategy',
    labels: ['target-value'],
    values: {target: scale.cpuPercent},
  };
  const check: HclBlock = {
    block: 'check',
    labels: ['cpu'],
    values: {source: 'nomad-apm', query: 'avg_cpu'},
    blocks: [target],
  };
  return {
    block: 'scaling',
    values: {enabled: true, min: instances, max: Math.max(scale.max, instances)},
    blocks: [{block: 'policy', blocks: [check]}],
  };
}

function update({start: {timeoutMs}}: CompleteProcess): HclBlock {
  return {
    block: 'update',
    values: {
      max_parallel: 1,
      auto_revert: true,
      healthy_deadline: timeoutMs === undefined ? undefined : `${Math.max(timeoutMs, 11_000)}ms`,
      progress_deadline: timeoutMs === undefined ? undefined : `${Math.max(timeoutMs, 11_000) * 2}ms`,
    },
  };
}

/** The group of a process type: alike copies of it, each on a port of the machine that Nomad picks. */
export function group(model: CompleteModel, one: PlannedProcess): HclBlock {
  const {of, port} = one;
  const ends = of.restart.policy === 'no' || of.restart.limit !== undefined;
  return {
    block: 'group',
    labels: [of.name],
    values: {count: of.boot ? of.instances : 0},
    blocks: [
      update(of),
      restart(of),
      ends ? {block: 'reschedule', values: {attempts: 0, unlimited: false}} : undefined,
      port === undefined
        ? undefined
        : {block: 'network', blocks: [{block: 'port', labels: ['http'], values: {to: port}}]},
      service(model, one),
      scaling(of),
      task(model, one),
      ...hookTasks(model, one),
    ],
  };
}
