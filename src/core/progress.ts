/** Library code never prints: it tells a `Progress` what happens, and the surface decides how to show it. */
export interface Progress {
  /** A named stage begins; `total` where it is known (records, steps, bytes). */
  start(stage: string, total?: number): void;
  /** `done` of the stage's total; `note` is a few words (loss, rate, file). */
  update(done: number, note?: string): void;
  /** The stage has ended; `summary` is one line for a person. */
  finish(summary?: string): void;
  /** Something the user should know that does not end the run. */
  warn(message: string): void;
}

export const SILENT_PROGRESS: Progress = Object.freeze({
  start: () => {},
  update: () => {},
  finish: () => {},
  warn: () => {},
});

/** Structured log lines; the surface chooses format and destination. */
export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const SILENT_LOGGER: Logger = Object.freeze({ info: () => {}, warn: () => {}, error: () => {} });
