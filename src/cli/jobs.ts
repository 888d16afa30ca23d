/** Where the jobs of a service are kept. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { toIsoLensError } from '../core/index.ts';
import { JobStore } from '../store/index.ts';
import type { Context } from './context.ts';

const JOBS_FOLDER = '.jobs';
const JOBS_FILE = 'jobs.sqlite';

/**
 * A folder that was asked for must serve. The usual one may belong to another service, or lie on a disk that cannot be written: jobs
 * then live as long as this service does.
 */
export function openJobs(context: Context, folder: string | undefined): { readonly store: JobStore; readonly folder: string } {
  const path = folder === undefined ? join(context.indexes, JOBS_FOLDER) : resolve(folder);
  try {
    // Queries are secrets: the folder is for this user alone.
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { store: new JobStore(join(path, JOBS_FILE)), folder: path };
  } catch (thrown) {
    const error = toIsoLensError(thrown, 'FILE_UNREADABLE');
    if (folder !== undefined) throw error;
    context.progress.warn(`jobs are kept in memory alone, until this service is stopped: ${error.message}`);
    return { store: new JobStore(':memory:'), folder: path };
  }
}
