import type {Instance} from '@keelson/procfile';

/**
 * The ports of all processes as variables: KEELSON_PORT_WEB is the one of `web.1`, KEELSON_PORT_WEB_2 the one of `web.2`;
 * OVERMIND_PROCESS_web_PORT and OVERMIND_PROCESS_web_2_PORT are what overmind calls them. What is no letter or digit becomes `_`.
 */
export function siblingPorts(
  instances: readonly Pick<Instance, 'type' | 'index' | 'port'>[],
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const {type, index, port} of instances) {
    const name = type.replace(/[^A-Za-z0-9]/g, '_');
    const names = [`KEELSON_PORT_${name.toUpperCase()}_${index}`, `OVERMIND_PROCESS_${name}_${index}_PORT`];
    if (index === 1) names.push(`KEELSON_PORT_${name.toUpperCase()}`, `OVERMIND_PROCESS_${name}_PORT`);
    for (const variable of names) variables[variable] ??= String(port);
  }
  return variables;
}
