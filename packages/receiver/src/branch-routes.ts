/** Which app a branch of a repository is. */
export interface BranchRoute {
  /** Name in the URL: `<url>/<repository>.git`. */
  readonly repository: string;
  readonly branch: string;
  readonly app: string;
  /** The app is this workspace of the repository (its name, or its folder); default the root. */
  readonly workspace?: string | undefined;
}

export interface Target {
  readonly app: string;
  readonly workspace?: string | undefined;
}

export const DEFAULT_BRANCH = 'main';

/** The branches of a repository that are deployed here, each with its apps. Without a route of its own: `main`, which is the app of the same name. */
export function branchesOf(
  repository: string,
  routes: readonly BranchRoute[],
): ReadonlyMap<string, readonly Target[]> {
  const own = routes.filter((route) => route.repository === repository);
  if (own.length === 0) return new Map([[DEFAULT_BRANCH, [{app: repository}]]]);
  const map = new Map<string, Target[]>();
  for (const route of own) map.set(route.branch, [...(map.get(route.branch) ?? []), route]);
  return map;
}
