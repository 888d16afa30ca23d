/** Queries by hits: each row a query, and its best candidates drawn beside it. Only rows near the screen exist. */
import { useEffect, useRef } from 'preact/hooks';
import type { Job } from '../../src/api/index.ts';
import { useVirtualRows } from '../answer/virtual.ts';
import { nameOf } from '../answer/words.ts';
import { Structure } from '../draw/structure.tsx';
import { address, ask, formatAddress } from '../shell/address.ts';
import { putRight } from './rejected.tsx';
import { MOST_SHOWN } from './results.ts';
import type { Results, ShownResult } from './results.ts';
import { counted, textInWords } from './words.ts';

const ROW_HEIGHT = 150;

export function ResultTable({ job, results }: { readonly job: Job; readonly results: Results }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const { rows, height } = useVirtualRows(job.done, ROW_HEIGHT, body);
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => results.need(first, last, job.done), [first, last, job.done]);
  const known = results.rows.value;
  const columns = Math.min(MOST_SHOWN, Math.max(1, Number(job.options['k'] ?? 20)));
  return (
    <div class="wide result-box" tabIndex={0} role="region" aria-label="Queries and their candidates">
      <table class="results" aria-rowcount={job.done + 1}>
        <caption class="visually-hidden">Each row a query, its best candidates from left to right</caption>
        <thead><tr><th scope="col">Query</th><th scope="col" colSpan={columns}>Best candidates</th></tr></thead>
        <tbody ref={body}>
          {first > 0 && <tr aria-hidden="true" style={{ height: `${first * ROW_HEIGHT}px` }} />}
          {rows.map(({ index }) => <Row key={index} position={index} result={known[index]} columns={columns} library={job.index} />)}
          {last + 1 < job.done && <tr aria-hidden="true" style={{ height: `${Math.max(0, height - (last + 1) * ROW_HEIGHT)}px` }} />}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly position: number;
  readonly result: ShownResult | undefined;
  readonly columns: number;
  readonly library: string;
}

function Row({ position, result, columns, library }: RowProps) {
  if (result === undefined) return <tr aria-rowindex={position + 2} class="result"><th scope="row" class="query-cell">{position + 1}</th><td colSpan={columns} class="quiet">Loading …</td></tr>;
  const { id, text, smiles, name, hits, found, problem } = result;
  const called = id === String(position + 1) ? name ?? textInWords(text) : id;
  return (
    <tr aria-rowindex={position + 2} class="result">
      <th scope="row" class="query-cell">
        <div>
          {smiles !== null && <Structure smiles={smiles} width={120} height={84} label="" />}
          <span class="called"><span class="quiet">{position + 1}.</span> {called}</span>
          {problem === undefined && <Search text={text} library={library}>{found > hits.length ? `All ${found.toLocaleString('en')}` : 'Search'}<span class="visually-hidden"> for {called}</span></Search>}
        </div>
      </th>
      {problem !== undefined && (
        <td colSpan={columns} class="problem">
          <div>
            <p><strong>{problem.title}.</strong> {problem.detail}</p>
            <button type="button" onClick={() => putRight(result)}>Put it right in the box<span class="visually-hidden">, query {position + 1}</span></button>
          </div>
        </td>
      )}
      {problem === undefined && hits.length === 0 && <td colSpan={columns} class="quiet">No molecule passes the filters.</td>}
      {hits.map((hit) => (
        <td key={hit.inchiKey} class="hit-cell">
          <Search text={hit.id} library={library}>
            <Structure smiles={hit.smiles} width={120} height={84} label="" />
            <span class="called">{nameOf(hit)}</span>
            <span class="small quiet">{hit.isQuery ? 'the query itself' : <><span class="visually-hidden">score </span>{hit.score.toFixed(2)}</>}</span>
          </Search>
        </td>
      ))}
      {problem === undefined && hits.length > 0 && hits.length < columns && <td colSpan={columns - hits.length} class="quiet small">{found < columns ? `${counted(found, 'candidate')} in all` : ''}</td>}
    </tr>
  );
}

/** The full search with one molecule. */
function Search({ text, library, children }: { readonly text: string; readonly library: string; readonly children: preact.ComponentChildren }) {
  return (
    <a
      href={formatAddress({ ...address.value, view: 'search', text, library, job: undefined, generation: undefined, picture: undefined })}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        ask({ text }, { library });
      }}
    >
      {children}
    </a>
  );
}
