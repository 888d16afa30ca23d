/** The jobs that the service keeps, the newest first. */
import { useState } from 'preact/hooks';
import type { Job } from '../../src/api/index.ts';
import { messageOf } from '../service/client.ts';
import { address, formatAddress, go } from '../shell/address.ts';
import { isOpen, jobs, remove } from './jobs.ts';
import { counted, moment, optionsInWords, progressInWords } from './words.ts';

export function JobList() {
  const known = jobs.value;
  if (known === undefined) return <p class="quiet" role="status">Loading the batches …</p>;
  if (known.length === 0) return null;
  return (
    <section class="jobs" aria-labelledby="jobs">
      <h2 id="jobs">Batches of this service</h2>
      <ul>
        {known.map((job) => (
          <li key={job.id} class="panel">
            <div class="line">
              <h3><a href={formatAddress({ ...address.value, job: job.id })} onClick={(event) => open(event, job.id)}>{counted(job.total, 'query', 'queries')}, {moment(job.createdAt)}</a></h3>
              <State job={job} />
              <Ways job={job} />
            </div>
            <Progress job={job} />
            <p class="small quiet">In {job.index}: {optionsInWords(job.options)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function open(event: MouseEvent, job: string | undefined): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ job });
}

const STATES: Readonly<Record<Job['state'], string>> = { waiting: 'waiting', running: 'running', done: 'done', cancelled: 'cancelled', failed: 'failed' };

export function State({ job }: { readonly job: Job }) {
  return <span class={`tag state-${job.state}`}>{STATES[job.state]}</span>;
}

export function Progress({ job }: { readonly job: Job }) {
  return (
    <>
      {job.state !== 'done' && <progress max={job.total} value={job.done} aria-label="Queries done">{job.done} of {job.total}</progress>}
      <p class="small" aria-live="off">{progressInWords(job)}{job.state === 'cancelled' && '; what was found before is kept'}</p>
      {job.problem !== null && <p class="complaint"><strong>{job.problem.title}.</strong> {job.problem.detail}</p>}
    </>
  );
}

/** What can be done with it: nothing is deleted without being asked for twice. */
export function Ways({ job, onGone }: { readonly job: Job; readonly onGone?: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const act = (): void => {
    setAsking(false);
    setProblem(undefined);
    remove(job.id).then((isGone) => isGone && onGone?.(), (thrown: unknown) => setProblem(messageOf(thrown).detail));
  };
  const of = `the batch of ${counted(job.total, 'query', 'queries')}, ${moment(job.createdAt)}`;
  return (
    <span class="line ways-out">
      {isOpen(job) && <button type="button" aria-label={`Cancel ${of}`} onClick={act}>Cancel</button>}
      {!isOpen(job) && !isAsking && <button type="button" aria-label={`Delete ${of}`} onClick={() => setAsking(true)}>Delete</button>}
      {isAsking && (
        <span class="line" role="group" aria-label={`Delete ${of}?`}>
          <span class="small">Delete it with all it found?</span>
          <button type="button" ref={(button) => button?.focus()} onClick={() => setAsking(false)}>Keep it</button>
          <button type="button" class="alarming" onClick={act}>Yes, delete</button>
        </span>
      )}
      {problem !== undefined && <span class="complaint" role="alert">{problem}</span>}
    </span>
  );
}
