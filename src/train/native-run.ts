/** The native trainer's run as everybody watches it: progress, a line of the log for every event, an end when it is asked for. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Progress } from '../core/index.ts';
import { train } from '../native/index.ts';
import type { TrainConfig, TrainEvent, TrainSummary } from '../native/index.ts';

export type ValidationEvent = Extract<TrainEvent, { event: 'validation' }>;

export interface NativeRunOptions {
  /** One line an event: the curve of the run, whoever wants to draw it. */
  readonly log: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface NativeRunResult {
  readonly summary: TrainSummary;
  /** The best one, of a run that validates by retrieval. */
  readonly validation: ValidationEvent | undefined;
}

export async function trainNatively(config: TrainConfig, { log, progress, signal }: NativeRunOptions): Promise<NativeRunResult> {
  let best: ValidationEvent | undefined = config.resume === true ? bestValidation(log) : undefined;
  endLastLine(log);
  progress.start('training', config.schedule.steps);
  const listen = (event: TrainEvent): void => {
    writeFileSync(log, `${JSON.stringify(event)}\n`, { flag: 'a' });
    if (event.event === 'warning') progress.warn(event.message);
    if (event.event === 'step') progress.update(event.step, `loss ${event.meanLoss.toFixed(3)}, ${event.samplesPerSecond.toFixed(0)} samples/s${best === undefined ? '' : `, validation R@1 ${best.r1.toFixed(3)}`}`);
    if (event.event === 'validation' && (best === undefined || event.mrr > best.mrr)) best = event;
  };
  const run = train(config, listen);
  const cancel = (): void => run.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    const summary = await run.done;
    progress.finish(`${summary.step} steps, ${summary.seen} samples seen${best === undefined ? '' : `; best validation R@1 ${best.r1.toFixed(3)}, R@10 ${best.r10.toFixed(3)} of ${best.rows}`}`);
    return { summary, validation: best };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Of an earlier part of the same run. */
function bestValidation(log: string): ValidationEvent | undefined {
  if (!existsSync(log)) return undefined;
  const events = readFileSync(log, 'utf8').split('\n').flatMap(eventOf).filter((event) => event.event === 'validation');
  return events.reduce<ValidationEvent | undefined>((best, event) => (best === undefined || event.mrr > best.mrr ? event : best), undefined);
}

/** None of a line that a killed run left half written. */
function eventOf(line: string): TrainEvent[] {
  if (!line.includes('"validation"')) return [];
  try {
    return [JSON.parse(line) as TrainEvent];
  } catch {
    return [];
  }
}

/** What comes next begins a line, whatever became of the one before. */
function endLastLine(log: string): void {
  if (!existsSync(log)) return;
  const text = readFileSync(log);
  if (text.length > 0 && text.at(-1) !== 0x0a) writeFileSync(log, '\n', { flag: 'a' });
}
