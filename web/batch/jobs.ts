/** The jobs of the service: asked again each second, but only while one runs and somebody looks. */
import { effect, signal } from '@preact/signals';
import type { Job } from '../../src/api/index.ts';
import { ProblemError, client, messageOf } from '../service/client.ts';
import type { SearchAsked } from '../service/client.ts';
import type { ListedQuery } from '../query/list.ts';
import type { Failure } from '../answer/answer.ts';

/** undefined before the first answer. */
export const jobs = signal<readonly Job[] | undefined>(undefined);
/** The service could not be asked; what was known stays on the screen. */
export const trouble = signal<Failure | undefined>(undefined);

const PAUSE_MS = 1000;
/** Where the service is away. */
const LONG_PAUSE_MS = 3000;

const isLookedAt = signal(document.visibilityState === 'visible');
document.addEventListener('visibilitychange', () => (isLookedAt.value = document.visibilityState === 'visible'));

export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

export async function refresh(): Promise<void> {
  try {
    // Libraries that are indexed are no lists of queries.
    jobs.value = (await client.listJobs()).filter(({ kind }) => kind === 'search');
    trouble.value = undefined;
  } catch (thrown) {
    trouble.value = messageOf(thrown);
  }
}

/** Keeps the list new for as long as the view is open; returns what ends that. */
export function watch(): () => void {
  let pause: ReturnType<typeof setTimeout> | undefined;
  void refresh();
  const end = effect(() => {
    clearTimeout(pause);
    const isAway = trouble.value !== undefined;
    // A new list, even an equal one, starts the next pause.
    const needsMore = isAway || (jobs.value?.some(isOpen) ?? false);
    if (needsMore && isLookedAt.value) pause = setTimeout(() => void refresh(), isAway ? LONG_PAUSE_MS : PAUSE_MS);
  });
  return () => {
    end();
    clearTimeout(pause);
  };
}

export async function start(queries: readonly ListedQuery[], options: Omit<SearchAsked, 'query'>): Promise<Job> {
  const job = await client.createJob({ queries: queries.map(({ text, id }) => ({ text, ...(id === undefined ? {} : { id }) })), options });
  jobs.value = [job, ...(jobs.value ?? [])];
  return job;
}

/** Cancels what has not ended, deletes what has; true where it is gone. */
export async function remove(id: string): Promise<boolean> {
  try {
    return (await client.removeJob(id)).deleted;
  } catch (thrown) {
    // Another window was faster.
    if (thrown instanceof ProblemError && thrown.problem.code === 'NOT_FOUND') return true;
    throw thrown;
  } finally {
    await refresh();
  }
}
