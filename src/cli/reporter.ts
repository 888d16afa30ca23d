/** How progress is shown: a bar on a terminal, a line every few seconds in a log, nothing when quiet, or JSON for programs. Always on stderr. */
import type { Progress } from '../core/index.ts';

export interface ReporterOptions {
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly quiet: boolean;
  /** Milliseconds; injected so that tests need no real clock. */
  readonly now: () => number;
}

const LINE_INTERVAL_MS = 5000;
const BAR_INTERVAL_MS = 100;
const BAR_WIDTH = 24;

export function createReporter({ stream, quiet, now }: ReporterOptions): Progress {
  const isTerminal = stream.isTTY === true;
  let stage = '';
  let total: number | undefined;
  let startedAt = 0;
  let shownAt = Number.NEGATIVE_INFINITY;

  const line = (text: string): void => {
    stream.write(isTerminal ? `\r\x1b[2K${text}\n` : `${text}\n`);
  };

  return {
    start(name, count) {
      stage = name;
      total = count;
      startedAt = now();
      shownAt = Number.NEGATIVE_INFINITY;
      if (!quiet && !isTerminal) line(`${name} ...`);
    },
    update(done, note = '') {
      if (quiet) return;
      const time = now();
      if (time - shownAt < (isTerminal ? BAR_INTERVAL_MS : LINE_INTERVAL_MS)) return;
      shownAt = time;
      const text = describe(stage, done, total, time - startedAt, note);
      if (isTerminal) stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 100) - 1)}`);
      else line(text);
    },
    finish(summary) {
      if (quiet) return;
      const seconds = ((now() - startedAt) / 1000).toFixed(1);
      line(`${stage}: ${summary ?? 'done'} (${seconds} s)`);
    },
    warn(message) {
      line(`warning: ${message}`);
    },
  };
}

/** One line: stage, share done, rate and time left. */
function describe(stage: string, done: number, total: number | undefined, elapsedMs: number, note: string): string {
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const tail = note === '' ? '' : `  ${note}`;
  if (total === undefined || total <= 0) return `${stage}  ${done}  ${rate.toFixed(0)}/s${tail}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const left = rate > 0 ? formatDuration((total - done) / rate) : '?';
  const bar = '='.repeat(filled) + ' '.repeat(BAR_WIDTH - filled);
  return `${stage} [${bar}] ${(share * 100).toFixed(0).padStart(3)} %  ${done}/${total}  ${rate.toFixed(0)}/s  ${left} left${tail}`;
}

/** Seconds as `45 s`, `3 min 20 s` or `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const JSON_INTERVAL_MS = 200;

/** A line of JSON, as a program that runs this one reads it. */
export type ProgressLine = { readonly progress: { readonly stage: string; readonly done: number; readonly total: number | null } } | { readonly warning: string };

export function createJsonReporter({ stream, now }: Omit<ReporterOptions, 'quiet'>): Progress {
  const line = (told: ProgressLine): void => void stream.write(`${JSON.stringify(told)}\n`);
  let stage = '';
  let total: number | null = null;
  let shownAt = Number.NEGATIVE_INFINITY;
  const tell = (done: number): void => line({ progress: { stage, done, total } });
  return {
    start(name, count) {
      [stage, total, shownAt] = [name, count ?? null, now()];
      tell(0);
    },
    update(done) {
      if (now() - shownAt < JSON_INTERVAL_MS) return;
      shownAt = now();
      tell(done);
    },
    finish() {
      if (total !== null) tell(total);
    },
    warn: (warning) => line({ warning }),
  };
}
