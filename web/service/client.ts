/** The service that the page comes from, and what to say when it refuses or is away. */
import { AwayError, IsoLensClient, ProblemError } from '../../src/client/index.ts';

export { ProblemError };
export type { DepictionAsked, SearchAsked } from '../../src/client/index.ts';

export const client = new IsoLensClient();

export function messageOf(thrown: unknown): { readonly title: string; readonly detail: string; readonly code?: string; readonly details?: Readonly<Record<string, unknown>> } {
  if (thrown instanceof ProblemError) {
    const { title, detail, code, details } = thrown.problem;
    return { title, detail, code, ...(details === undefined ? {} : { details }) };
  }
  if (thrown instanceof AwayError) return { title: 'The service does not answer', detail: `${thrown.message} What you typed is still here.`, code: 'AWAY' };
  return { title: 'The page failed', detail: thrown instanceof Error ? thrown.message : String(thrown) };
}
