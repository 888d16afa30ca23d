/** Lists of queries, worked off in the background. */
import { useEffect } from 'preact/hooks';
import { address } from '../shell/address.ts';
import { JobList } from './list.tsx';
import { NewBatch } from './new.tsx';
import { OpenedJob } from './opened.tsx';
import { trouble, watch } from './jobs.ts';
import './style.css';

export function BatchView() {
  const { job } = address.value;
  useEffect(watch, []);
  return (
    <div class="batch">
      {trouble.value !== undefined && <p class="away" role="alert">{trouble.value.title}. {trouble.value.detail}</p>}
      {job === undefined ? <><NewBatch /><JobList /></> : <OpenedJob key={job} id={job} />}
    </div>
  );
}
