/** How much the index misses: measured against comparing with every molecule. */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LibraryDetail, RecallResponse } from '../../src/api/index.ts';
import { counted } from '../batch/words.ts';
import { client, messageOf } from '../service/client.ts';
import { milliseconds, shareOfAll } from './words.ts';

/** What was measured while the page is open, the last first. */
const measured = signal<readonly RecallResponse[]>([]);

const MOST = { k: 100, ef: 10_000 };
const DEFAULT_K = 10;
/** After which the service ends it with what it has. */
const MOST_SECONDS = 20;

export function Recall({ detail: { name, generation, backend } }: { readonly detail: LibraryDetail }) {
  const own = backend.parameters['efSearch'];
  const hasBreadth = typeof own === 'number';
  const [k, setK] = useState(String(DEFAULT_K));
  const [ef, setEf] = useState(hasBreadth ? String(own) : '');
  const [running, setRunning] = useState<AbortController | undefined>(undefined);
  const [problem, setProblem] = useState<{ readonly text: string; readonly field?: 'k' | 'ef' } | undefined>(undefined);
  const fields = { k: useRef<HTMLInputElement>(null), ef: useRef<HTMLInputElement>(null) };
  const current = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => current.current?.abort(), []);

  const complain = (field: 'k' | 'ef', text: string): void => {
    setProblem({ field, text });
    fields[field].current?.focus();
  };
  const measure = async (): Promise<void> => {
    if (current.current !== undefined) return;
    if (!isWhole(k, MOST.k)) return complain('k', `k is a whole number from 1 to ${MOST.k}.`);
    if (hasBreadth && !isWhole(ef, MOST.ef)) return complain('ef', `ef is a whole number from 1 to ${MOST.ef.toLocaleString('en')}.`);
    const controller = new AbortController();
    current.current = controller;
    setRunning(controller);
    setProblem(undefined);
    try {
      const result = await client.measureRecall(name, { k: Number(k), ...(hasBreadth ? { efSearch: Number(ef) } : {}) }, controller);
      measured.value = [result, ...measured.peek()];
    } catch (thrown) {
      if (!controller.signal.aborted) setProblem({ text: inWords(thrown) });
    } finally {
      current.current = undefined;
      setRunning(undefined);
    }
  };
  const told = measured.value.filter((one) => one.index === name && one.generation === generation);
  const invalid = (field: 'k' | 'ef') => (problem?.field === field ? { 'aria-invalid': true, 'aria-describedby': 'recall-problem' } as const : {});
  return (
    <section class="recall" aria-labelledby="library-recall">
      <h3 id="library-recall">What the index misses</h3>
      {!hasBreadth && <p>This index compares the query with every molecule, so nothing should be missed; measuring shows how long that takes.</p>}
      <p>Recall is the share of the k nearest molecules that a search by the index finds: k = 10 and a recall of 99 % mean that of ten, one is missed in every tenth search. It is measured by asking for 100 molecules of the library, by the index and by comparing with every molecule.</p>
      <form
        class="line"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void measure();
        }}
      >
        <label class="small">k <input ref={fields.k} type="number" min={1} max={MOST.k} value={k} onInput={(event) => setK(event.currentTarget.value)} {...invalid('k')} /></label>
        {hasBreadth && <label class="small">ef <input ref={fields.ef} type="number" min={1} max={MOST.ef} value={ef} onInput={(event) => setEf(event.currentTarget.value)} {...invalid('ef')} /></label>}
        <button type="submit" class="main" aria-disabled={running !== undefined}>Measure recall</button>
        {running !== undefined && <button type="button" onClick={() => running.abort()}>Stop</button>}
      </form>
      {problem !== undefined && <p id="recall-problem" class="complaint" role="alert">{problem.text}</p>}
      {running !== undefined && <Progress />}
      {told.length > 0 && <Results told={told} />}
    </section>
  );
}

function isWhole(text: string, most: number): boolean {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= 1 && value <= most;
}

function inWords(thrown: unknown): string {
  const { title, detail } = messageOf(thrown);
  return `${title}. ${detail}`;
}

/** The service tells nothing until it is done: the time that went by is what can be shown. */
function Progress() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const started = performance.now();
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - started) / 1000)), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="measuring">
      <p class="small" role="status">Measuring …</p>
      <progress max={MOST_SECONDS} aria-label="Time of the measurement" {...(seconds < 1 ? {} : { value: Math.min(seconds, MOST_SECONDS) })} />
      <p class="small quiet" aria-hidden="true">{seconds} s; it takes {MOST_SECONDS} s at most</p>
    </div>
  );
}

function Results({ told }: { readonly told: readonly RecallResponse[] }) {
  const last = told[0]!;
  const hasBreadth = told.some(({ efSearch }) => efSearch !== null);
  return (
    <>
      <p role="status"><strong>Recall {shareOfAll(last.recall)}</strong> of the {last.k} nearest{last.efSearch !== null && ` at ef ${last.efSearch.toLocaleString('en')}`}: {milliseconds(last.hnswMs)} a search by the index, {milliseconds(last.exactMs)} by comparing with every molecule.</p>
      <div class="wide" tabIndex={0} role="region" aria-label="What was measured">
        <table class="lined">
          <caption>What was measured, the last first; times are of one search, the middle of all</caption>
          <thead><tr><th scope="col">k</th>{hasBreadth && <th scope="col">ef</th>}<th scope="col">Asked for</th><th scope="col">Recall</th><th scope="col">By the index</th><th scope="col">By comparing with all</th></tr></thead>
          <tbody>
            {told.map(({ k, efSearch, queries, recall, hnswMs, exactMs }, i) => (
              <tr key={told.length - i}><td>{k}</td>{hasBreadth && <td>{efSearch?.toLocaleString('en')}</td>}<td>{counted(queries, 'molecule')}</td><td><strong>{shareOfAll(recall)}</strong></td><td>{milliseconds(hnswMs)}</td><td>{milliseconds(exactMs)}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
