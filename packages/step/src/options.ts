/** What every step takes beside its value: a way to stop it and a way to watch it. */
export interface StepOptions<E = never> {
  /** Stops the step: its children end, its temporary files go, and it rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Receives typed, past-tense events (`type: '<package>:<past tense>'`, data only). Must not throw. */
  readonly onEvent?: ((event: E) => void) | undefined;
}
