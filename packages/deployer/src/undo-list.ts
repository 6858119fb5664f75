import type {DeployEvent} from './deployment.ts';

/** How to take back what was done so far, the last first. */
export interface UndoList {
  /** `what` ends the sentence "undone: …". */
  readonly add: (what: string, undo: (because: string) => Promise<unknown>) => void;
  /** Takes everything back. One that fails is told, and keeps no other from being taken back. */
  readonly run: (because: string) => Promise<void>;
  /** From here on nothing is taken back. */
  readonly clear: () => void;
}

export function undoList(tell: (event: DeployEvent) => void): UndoList {
  const steps: {readonly what: string; readonly undo: (because: string) => Promise<unknown>}[] = [];
  return {
    add: (what, undo) => void steps.push({what, undo}),
    clear: () => void steps.splice(0),
    async run(because) {
      for (const {what, undo} of steps.splice(0).reverse()) {
        try {
          await undo(because);
          tell({type: 'deploy:undone', what});
        } catch (error) {
          tell({type: 'deploy:undo-failed', what, because: (error as Error).message});
        }
      }
    },
  };
}
