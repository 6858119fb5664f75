import {FLOORS, TEST_KIT} from './floors.ts';
import {readImports} from './imports.ts';
import type {Violation, WorkspacePackage} from './workspace.ts';

/** Imports of `src` go strictly downward, so cycles cannot exist; tests may import the test kit and their own floor's packages below. */
export function checkFloors(packages: readonly WorkspacePackage[], floors = FLOORS): Violation[] {
  const internal = new Set(packages.map((one) => one.manifest.name));
  return packages.flatMap((one) => {
    const name = one.manifest.name;
    if (name === TEST_KIT) return checkTestKit(one, internal);
    const floor = floors[name];
    if (floor === undefined)
      return [
        {file: `${one.folder}/package.json`, rule: 'floors', because: `${name} has no floor in floors.ts`},
      ];
    return one.sources.flatMap((file) =>
      readImports(file.text)
        .filter(
          (entry) => entry.package !== undefined && internal.has(entry.package) && entry.package !== name,
        )
        .filter((entry) => !((floors[entry.package!] ?? Infinity) < floor))
        .map((entry) => ({
          file: `${one.folder}/${file.path}`,
          rule: 'floors',
          because: `floor ${floor} imports ${entry.package} of floor ${floors[entry.package!] ?? 'none'}: imports go strictly downward`,
        })),
    );
  });
}

function checkTestKit(one: WorkspacePackage, internal: ReadonlySet<string>): Violation[] {
  return one.sources.flatMap((file) =>
    readImports(file.text)
      .filter((entry) => entry.package !== undefined && internal.has(entry.package))
      .filter((entry) => entry.package !== '@keelson/step')
      .map((entry) => ({
        file: `${one.folder}/${file.path}`,
        rule: 'floors',
        because: `the test kit may import step alone, not ${entry.package}: tests of every floor lean on it`,
      })),
  );
}
