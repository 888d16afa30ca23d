import type { Bundle } from '../bundle/index.ts';
import type { Progress } from '../core/index.ts';
import type { StoredGeneration } from './catalogue.ts';
import type { Session } from './session.ts';

/** What the steps of a push share. */
export interface Push {
  readonly session: Session;
  readonly bundle: Bundle;
  readonly target: StoredGeneration;
  readonly progress: Progress;
  /** Something was committed: what is lost after it may be tried again as often as before. */
  readonly progressed: () => void;
  readonly signal: AbortSignal | undefined;
  /** Throws where the work was cancelled. */
  readonly check: () => void;
  readonly batchRows: number;
}
