import type {Action} from '@keelson/releases';
import type {Rules} from './deploy-rules.ts';
import {DeployFault} from './fault.ts';

/** `default`: what would be done if nobody said anything. */
export type ActionStep =
  | {readonly kind: 'default'}
  /** The words after `@keelson`, for `sh`. */
  | {readonly kind: 'keelson'; readonly line: string}
  | {readonly kind: 'shell'; readonly line: string};

/** Those that have a default. */
export const STANDARD_ACTIONS = ['prepare', 'build', 'migrate'] as const;

/**
 * What an action does, in order (the meaning of CID's): the deployment's list, in which the first `@default` stands for the app's list, in
 * which `@default` stands for what is done without either. The name of another action stands for that. Undefined: nobody defined it.
 * Fault DEPLOY_ACTION: it comes back to itself, or an action of your own has no default.
 */
export function actionSteps(name: string, rules: Rules): ActionStep[] | undefined {
  const known = (one: string) => one in rules.project || one in rules.deployment || isStandard(one);
  const expand = (one: string, way: readonly string[]): ActionStep[] => {
    if (way.includes(one))
      throw new DeployFault('DEPLOY_ACTION', `action ${way[0]} calls itself: ${[...way, one].join(' → ')}`, {
        hint: 'Take one of these steps out of `actions` in keelson.json or keelson.deploy.json.',
      });
    const onWay = [...way, one];
    const steps = (list: readonly string[], byDefault: () => ActionStep[]): ActionStep[] =>
      list.flatMap((step, at): ActionStep[] => {
        if (step === '@default') return list.indexOf(step) === at ? byDefault() : [];
        const [, line] = /^@keelson\s+(\S.*)$/s.exec(step) ?? [];
        if (line !== undefined) return [{kind: 'keelson', line}];
        if (known(step)) return expand(step, onWay);
        if (step.startsWith('@'))
          throw new DeployFault(
            'DEPLOY_ACTION',
            `action ${one} has the step ${JSON.stringify(step)}, which is none`,
            {
              hint: 'There are @default and "@keelson COMMAND …".',
            },
          );
        return [{kind: 'shell', line: step}];
      });
    const standard = (): ActionStep[] => {
      if (isStandard(one)) return [{kind: 'default'}];
      throw new DeployFault('DEPLOY_ACTION', `action ${one} has no default that @default could stand for`, {
        hint: `${STANDARD_ACTIONS.join(', ')} have one.`,
      });
    };
    const project = rules.project[one];
    const byProject = () => (project === undefined ? standard() : steps(listOf(project), standard));
    const deployment = rules.deployment[one];
    return deployment === undefined ? byProject() : steps(listOf(deployment), byProject);
  };
  return known(name) ? expand(name, []) : undefined;
}

function isStandard(name: string): boolean {
  return (STANDARD_ACTIONS as readonly string[]).includes(name);
}

function listOf(action: Action): readonly string[] {
  return typeof action === 'string' ? [action] : action;
}
