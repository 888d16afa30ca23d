/** The list in the box, and what is to be searched for each of its molecules. */
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { Failure } from '../answer/answer.ts';
import { MOST_REASONED, questionOf } from '../answer/answer.ts';
import { draft, list } from '../query/draft.ts';
import { readList } from '../query/list.ts';
import type { List } from '../query/list.ts';
import { messageOf } from '../service/client.ts';
import { libraryOf } from '../service/service.ts';
import { NO_FILTERS, address, go } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { start } from './jobs.ts';
import { counted, filtersInWords, textInWords } from './words.ts';

const MOST_QUERIES = 1000;
/** Queries times candidates. */
const MOST_HITS = 200_000;
const FIRST_SHOWN = 5;
const KINDS: Readonly<Record<List['kind'], string>> = { lines: 'One a line', table: 'From a table', molfiles: 'From molfiles' };

/** Outlives the view, not the page. */
const candidates = signal(10);

export function NewBatch() {
  const [isSending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const text = draft.value;
  const held = list.value ?? (text.trim() === '' ? undefined : readList(text));
  if (held === undefined || held.queries.length === 0) return <HowTo />;
  const { queries } = held;
  const isTooMany = queries.length > MOST_QUERIES;
  const isTooMuch = !isTooMany && queries.length * candidates.value > MOST_HITS;
  const { filters, library } = address.value;
  const run = async (): Promise<void> => {
    setSending(true);
    setFailure(undefined);
    try {
      const { query: _, ...options } = questionOf({ ...address.peek(), k: candidates.peek() });
      const job = await start(queries, options);
      go({ job: job.id });
    } catch (thrown) {
      setFailure(messageOf(thrown));
      setSending(false);
    }
  };
  const others = filtersInWords(filters);
  return (
    <section class="panel new-batch" aria-labelledby="new-batch">
      <h2 id="new-batch">A list of {counted(queries.length, 'query', 'queries')}</h2>
      <p class="small quiet">
        {[
          KINDS[held.kind],
          ...(held.passedOver > 0 ? [`${counted(held.passedOver, held.kind === 'table' ? 'row without a structure' : 'blank or comment line', held.kind === 'table' ? 'rows without a structure' : 'blank or comment lines')} passed over`] : []),
          ...(held.tooLong > 0 ? [`${counted(held.tooLong, 'entry', 'entries')} longer than any query left out`] : []),
        ].join('; ')}. The list stays in the box above: change it there.
      </p>
      <First queries={queries} />
      {isTooMany ? <TooMany count={queries.length} library={libraryOf(library)?.name} /> : (
        <div class="line settings">
          <label class="small">
            Candidates for each{' '}
            <select value={String(candidates.value)} onChange={(event) => (candidates.value = Number(event.currentTarget.value))}>
              {[5, 10, 20, 50, 200, 1000].map((count) => <option key={count} value={String(count)}>{count.toLocaleString('en')}</option>)}
            </select>
          </label>
          <label class="small"><input type="checkbox" checked={filters.excludeSelf} onChange={(event) => go({ filters: { ...filters, excludeSelf: event.currentTarget.checked } }, 'replace')} /> Without the query itself</label>
          {others !== '' && (
            <span class="small">Filters: {others} <button type="button" class="link" onClick={() => go({ filters: { ...NO_FILTERS, excludeSelf: filters.excludeSelf } }, 'replace')}>Remove</button></span>
          )}
          <button type="button" class="main" aria-busy={isSending} disabled={isSending || isTooMuch} onClick={() => void run()}>Run the batch</button>
        </div>
      )}
      {isTooMuch && <p class="complaint" role="alert">A batch finds at most {MOST_HITS.toLocaleString('en')} candidates in all. Choose at most {Math.floor(MOST_HITS / queries.length).toLocaleString('en')} for each, or a shorter list.</p>}
      {!isTooMany && candidates.value > MOST_REASONED && <p class="small quiet">Of so many candidates, the files do not say why each is there.</p>}
      {failure !== undefined && <p class="complaint" role="alert"><strong>{failure.title}.</strong> {failure.detail}</p>}
    </section>
  );
}

function First({ queries }: Pick<List, 'queries'>) {
  const more = queries.length - FIRST_SHOWN;
  return (
    <ol class="first-queries">
      {queries.slice(0, FIRST_SHOWN).map(({ text, id }, i) => <li key={i}><code>{textInWords(text)}</code>{id !== undefined && id !== textInWords(text) && <span class="quiet"> {id}</span>}</li>)}
      {more > 0 && <li class="quiet">and {more.toLocaleString('en')} more</li>}
    </ol>
  );
}

function TooMany({ count, library }: { readonly count: number; readonly library: string | undefined }) {
  const command = `isolens search --input FILE --json${library === undefined ? '' : ` --bundle ${library}`}`;
  return (
    <div class="complaint" role="alert">
      <p>The list holds {count.toLocaleString('en')} queries; a batch takes {MOST_QUERIES.toLocaleString('en')}. Take {(count - MOST_QUERIES).toLocaleString('en')} of them out, or save the list as a file and search it on the command line:</p>
      <p class="line"><code>{command}</code> <Copy text={command} label="Copy" /></p>
    </div>
  );
}

function HowTo() {
  return (
    <section class="panel new-batch">
      <h2>Search a whole list</h2>
      <p>Paste it into the box above, or choose a file with "Picture or file". Up to {MOST_QUERIES.toLocaleString('en')} molecules, as any of these:</p>
      <ul class="bullets">
        <li>one a line: a SMILES, a name, an identifier or an InChI; what you call it may follow a structure, after a tab or a blank</li>
        <li>a table (CSV or TSV) whose first line names a column "smiles"</li>
        <li>an SDF file</li>
      </ul>
      <p>The service works it off in the background. You may close the page, come back, and send the link to a colleague who uses the same service.</p>
      <button type="button" onClick={() => (draft.value = EXAMPLE)}>Try an example list</button>
    </section>
  );
}

const EXAMPLE = '# What is it called, or how is it drawn?\nIbuprofen\nSildenafil\nCC(=O)Oc1ccccc1C(=O)O my acid\nCN1CCC[C@H]1c1cccnc1 my base\n';
