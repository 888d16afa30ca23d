/** One job: how far it is, and what it has found. */
import { useEffect, useState } from 'preact/hooks';
import type { Job } from '../../src/api/index.ts';
import { FORMATS } from '../answer/export.tsx';
import { ProblemError, client, messageOf } from '../service/client.ts';
import { address, formatAddress, go } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { jobs } from './jobs.ts';
import { Progress, State, Ways } from './list.tsx';
import { Rejected } from './rejected.tsx';
import { Results } from './results.ts';
import { ResultTable } from './table.tsx';
import { counted, moment, optionsInWords } from './words.ts';

export function OpenedJob({ id }: { readonly id: string }) {
  const job = jobs.value?.find((one) => one.id === id);
  const back = (
    <a
      href={formatAddress({ ...address.value, job: undefined })}
      onClick={(event) => {
        event.preventDefault();
        go({ job: undefined });
      }}
    >
      All batches
    </a>
  );
  if (jobs.value === undefined) return <p class="quiet" role="status">Loading the batch …</p>;
  if (job === undefined) {
    return (
      <section class="panel">
        <h2>This batch is gone</h2>
        <p>It was deleted, made room for newer ones, or belongs to another service. A list that you pasted is still in the box: run it again. {back}</p>
      </section>
    );
  }
  return <Opened job={job} back={back} />;
}

function Opened({ job, back }: { readonly job: Job; readonly back: preact.JSX.Element }) {
  const [results] = useState(() => new Results(job));
  useEffect(() => () => results.stop(), []);
  useEffect(() => {
    if (job.rejected > 0) void results.findRejected(job.done, job.rejected);
  }, [job.done, job.rejected]);
  return (
    <>
      <section class="panel opened" aria-labelledby="opened">
        <p class="small">{back}</p>
        <div class="line">
          <h2 id="opened">{counted(job.total, 'query', 'queries')}, {moment(job.createdAt)}</h2>
          <State job={job} />
          <Ways job={job} onGone={() => go({ job: undefined }, 'replace')} />
        </div>
        <Progress job={job} />
        <p class="small quiet">In {job.index} ({job.generation}): {optionsInWords(job.options)}</p>
        <TakeAway job={job} />
        <p class="visually-hidden" role="status">{job.state === 'done' ? 'The batch is done.' : ''}</p>
      </section>
      {results.failure.value !== undefined && <p class="complaint" role="alert">{results.failure.value}</p>}
      {job.rejected > 0 && <Rejected results={results} count={job.rejected} />}
      {job.done > 0 ? <ResultTable job={job} results={results} /> : <p class="quiet" role="status">Nothing is found yet.</p>}
    </>
  );
}

function TakeAway({ job }: { readonly job: Job }) {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const path = `/v1/jobs/${encodeURIComponent(job.id)}`;
  // Asked first: a browser would save a refusal as the file, and say nothing.
  const save = async (format: string): Promise<void> => {
    setProblem(undefined);
    try {
      await client.getJob(job.id);
      const link = document.createElement('a');
      link.href = `${path}/results?format=${format}`;
      // Under the name that the service gives it.
      link.download = '';
      link.click();
    } catch (thrown) {
      setProblem(thrown instanceof ProblemError && thrown.problem.code === 'NOT_FOUND' ? 'This batch is gone.' : messageOf(thrown).detail);
    }
  };
  return (
    <div class="line" role="group" aria-label="Take away">
      <span class="small quiet">Save all candidates</span>
      {FORMATS.map(({ format, label }) => <button key={format} type="button" disabled={job.done === 0} onClick={() => void save(format)}>{label}</button>)}
      <Copy text={() => location.href} label="Copy link" />
      {problem !== undefined && <p class="complaint" role="alert">{problem}</p>}
    </div>
  );
}
