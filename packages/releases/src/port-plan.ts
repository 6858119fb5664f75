/** Which ports an app's process types have, whatever a release's Procfile says: written once, only ever added to. */
export interface PortPlan {
  readonly base: number;
  /** A type's place decides its ports. */
  readonly types: readonly string[];
}
