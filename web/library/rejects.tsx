/** Records that could not be used, page by page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LibraryDetail, RejectPage } from '../../src/api/index.ts';
import { counted } from '../batch/words.ts';
import { client, messageOf } from '../service/client.ts';
import { fileName, save } from '../service/files.ts';
import { csvLine, reasonInWords } from './words.ts';

const PAGE = 20;
/** A record may be as long as it likes; the file has all of it. */
const MOST_CHARACTERS = 200;

export function Rejects({ detail: { name, records, rejected: { total, codes } } }: { readonly detail: LibraryDetail }) {
  return (
    <section class="panel rejects" aria-labelledby="library-rejects">
      <h2 id="library-rejects" tabIndex={-1}>Rejected records</h2>
      {total === 0 ? <p>None: each of the {counted(records, 'record')} could be used.</p> : (
        <>
          <p>{counted(total, 'record')} of {records.toLocaleString('en')} could not be used, and {total === 1 ? 'is' : 'are'} not searched:</p>
          <ul class="bullets">
            {Object.entries(codes).sort((a, b) => b[1] - a[1]).map(([code, count]) => <li key={code}><strong>{count.toLocaleString('en')}</strong> {reasonInWords(code)} <code class="quiet">{code}</code></li>)}
          </ul>
          <Pages name={name} />
        </>
      )}
    </section>
  );
}

type Shown = RejectPage | { readonly failure: ReturnType<typeof messageOf> } | undefined;

function Pages({ name }: { readonly name: string }) {
  const [from, setFrom] = useState(0);
  const [tries, setTries] = useState(0);
  const [shown, setShown] = useState<Shown>(undefined);
  const [isLoading, setIsLoading] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const controller = new AbortController();
    const load = async (): Promise<void> => {
      setIsLoading(true);
      const page = await client.listRejects(name, { from, limit: PAGE }, controller).catch((thrown: unknown) => ({ failure: messageOf(thrown) }));
      if (controller.signal.aborted) return;
      setShown(page);
      setIsLoading(false);
      if (box.current !== null) box.current.scrollTop = 0;
    };
    void load();
    return () => controller.abort();
  }, [name, from, tries]);
  if (shown === undefined) return <p class="quiet" role="status">Loading the rejected records …</p>;
  if ('failure' in shown) {
    return <div class="failed" role="alert"><p><strong>{shown.failure.title}.</strong> {shown.failure.detail}</p><button type="button" onClick={() => setTries(tries + 1)}>Try again</button></div>;
  }
  const { total, rows } = shown;
  if (total === 0) return <p class="note">Which they were is not kept with this library.</p>;
  const last = shown.from + rows.length;
  return (
    <>
      <div class="line">
        <button type="button" aria-disabled={from === 0} onClick={() => { if (from > 0) setFrom(Math.max(0, from - PAGE)); }}>Previous</button>
        <span role="status" class="small">{isLoading ? 'Loading …' : `${(shown.from + 1).toLocaleString('en')} to ${last.toLocaleString('en')} of ${total.toLocaleString('en')}`}</span>
        <button type="button" aria-disabled={from + PAGE >= total} onClick={() => { if (from + PAGE < total) setFrom(from + PAGE); }}>Next</button>
        <button type="button" class="ways-out" onClick={() => save(csvOf(shown), fileName(name, 'rejects', `${shown.from + 1}-${last}.csv`), 'text/csv')}>Download these as CSV</button>
      </div>
      <div class="wide" ref={box} tabIndex={0} role="region" aria-label="Table of rejected records" aria-busy={isLoading}>
        <table class="lined">
          <thead><tr><th scope="col">Line</th><th scope="col">Identifier</th><th scope="col">Text</th><th scope="col">Reason</th><th scope="col">Code</th></tr></thead>
          <tbody>
            {rows.map(({ line, id, input, code, message }, i) => (
              <tr key={shown.from + i}>
                <td>{line.toLocaleString('en')}</td>
                <td>{id}</td>
                <td><code>{input.slice(0, MOST_CHARACTERS)}{input.length > MOST_CHARACTERS && ' …'}</code></td>
                <td>{message}</td>
                <td><code>{code}</code></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function csvOf({ rows }: RejectPage): string {
  return [csvLine(['line', 'id', 'input', 'code', 'message']), ...rows.map(({ line, id, input, code, message }) => csvLine([line, id, input, code, message]))].join('');
}
