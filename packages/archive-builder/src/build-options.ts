import type {StepOptions} from '@keelson/step';
import type {BuildEvent} from './build-event.ts';

export interface BuildOptions extends StepOptions<BuildEvent> {
  /** The archive's file (.tgz, .tar.gz, .tar.zst, .tar). Default `<name>-<version>.tgz` in the current folder. */
  readonly out?: string | undefined;
  /** False: takes `node_modules` as the checkout has it, and prunes nothing. Default true. */
  readonly install?: boolean | undefined;
  /** package.json scripts to run instead of the configured ones; none when empty. */
  readonly scripts?: readonly string[] | undefined;
  /** Which dependencies are trusted, and how far. */
  readonly dependencies?: DependencyOptions | undefined;
  /** Folder or package name of the one workspace to build, of a checkout with several. Default: the checkout's root. */
  readonly workspace?: string | undefined;
  /** What goes in beside the rules. */
  readonly contents?: ContentOptions | undefined;
  /** The time of every entry (SOURCE_DATE_EPOCH), in seconds since 1970. Default npm's, 1985-10-26T08:15:00Z. */
  readonly modifiedAt?: number | undefined;
  /** Folder where installed dependencies, and what was packed of them, are kept for the next build. Default: they are not. */
  readonly cache?: string | undefined;
}

export interface DependencyOptions {
  /** Packages whose install scripts may run, e.g. to compile an add-on. Default none. */
  readonly rebuild?: readonly string[] | undefined;
  /** Verifies what is installed by the signatures of its registry, where that publishes keys. Default false. */
  readonly signatures?: boolean | undefined;
  /** Days that each installed version must have been out, as its registry says. Default: that is not asked. */
  readonly minReleaseAge?: number | undefined;
  /**
   * Words before every command of the package manager, and before build scripts, that run it in an environment like the target's
   * (`chroot /srv/root`, a container): it needs sh, env, node and npm, and the checkout under the same path. Default: here.
   */
  readonly within?: readonly string[] | undefined;
  /** `linux-arm64-musl`: takes the packages and prebuilt add-ons for that platform, and refuses what it would not load. Default: this one. */
  readonly target?: string | undefined;
}

export interface ContentOptions {
  /** Files of the app that look like secrets and may go into the archive all the same. */
  readonly allowSecrets?: readonly string[] | undefined;
  /** Patterns as in a .gitignore, of files that stop the build if they would go in, beside what is known to be secret. */
  readonly secrets?: readonly string[] | undefined;
  /** Paths, or patterns as in a .gitignore from the app's root, that go in although the app's own rules leave them out. Each must match something. */
  readonly include?: readonly string[] | undefined;
  /** Packs only what the process types can reach, as `@vercel/nft` finds it, what `include` names, and manifests. Default false. */
  readonly trace?: boolean | undefined;
  /** Takes out what a compiler made of dependencies and would make again; the archive says what the target has to build. Default false. */
  readonly strip?: boolean | undefined;
}
