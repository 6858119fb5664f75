/** One line of the journal: who did what, with which code and configuration, and how it went. */
export interface JournalEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly what: 'deploy' | 'rollback' | 'resume' | 'config' | 'recover';
  readonly result: 'deployed' | 'rolled-back' | 'refused' | 'failed' | 'added' | 'interrupted';
  /** Name of the system user, or what the caller says. */
  readonly by: string;
  readonly release?: number | undefined;
  readonly digest?: string | undefined;
  readonly version?: string | undefined;
  /** Number of the config revision. */
  readonly config?: number | undefined;
  readonly replaced?: number | undefined;
  readonly because?: string | undefined;
}
