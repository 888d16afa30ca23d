/** Queries without an answer, each with what is wrong and a way to put it right. */
import { draft } from '../query/draft.ts';
import { NO_FILTERS, address, go } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import type { Results, ShownResult } from './results.ts';
import { counted, textInWords } from './words.ts';

/** To the query box, which says while it is typed what is wrong. The list comes back with the batch page. */
export function putRight({ text }: Pick<ShownResult, 'text'>): void {
  go({ view: 'search', text: undefined, picture: undefined, job: undefined, generation: undefined, group: [], filters: address.peek().filters ?? NO_FILTERS });
  draft.value = text;
  document.querySelector<HTMLTextAreaElement>('#text')?.focus();
}

/** As they stood in the list: with what they are called, unless that is their number. */
function lineOf({ text, id }: ShownResult, position: number): string {
  if (text.includes('\n')) return `${text.replace(/\n$/, '')}\n$$$$`;
  return id === String(position + 1) ? text : `${text}\t${id}`;
}

export function Rejected({ results, count }: { readonly results: Results; readonly count: number }) {
  const found = results.rows.value.flatMap((row, position) => (row?.problem === undefined ? [] : [{ row, problem: row.problem, position }]));
  return (
    <details class="panel rejected" open={count <= 5}>
      <summary><h3>{counted(count, 'query', 'queries')} could not be answered</h3></summary>
      <div class="line"><Copy text={() => found.map(({ row, position }) => lineOf(row, position)).join('\n')} label="Copy the rejected lines" />{found.length < count && <span class="small quiet" role="status">Looking for them: {found.length} of {count}</span>}</div>
      <ul tabIndex={0} role="list" aria-label="Rejected queries">
        {found.map(({ row, problem, position }) => (
          <li key={position}>
            <p><span class="quiet">{position + 1}.</span> <code>{textInWords(row.text)}</code>{row.id !== String(position + 1) && row.id !== row.text && <span class="quiet"> {row.id}</span>}</p>
            <p class="small"><strong>{problem.title}.</strong> {problem.detail}</p>
            <button type="button" class="link" onClick={() => putRight(row)}>Put it right in the box<span class="visually-hidden">, query {position + 1}</span></button>
          </li>
        ))}
      </ul>
    </details>
  );
}
