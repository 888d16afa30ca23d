/** One candidate, large: both structures, what changes, the evidence, the numbers. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Hit } from '../../src/api/index.ts';
import { Structure } from '../draw/structure.tsx';
import { inBasket, toggle } from '../basket/basket.ts';
import { client, messageOf } from '../service/client.ts';
import { address, ask } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { queryOf, questionOf } from './answer.ts';
import { HitLink } from './link.tsx';
import { ScoreTable } from './score.tsx';
import { PROPERTIES, changesOf, nameOf, sentenceOf, signed } from './words.ts';

export const opened = signal<Hit | undefined>(undefined);
const told = signal<{ readonly id: string; readonly hit: Hit | string } | undefined>(undefined);

/** Of a long list, why a candidate is there is asked when it is opened. */
function explain(hit: Hit): () => void {
  const { reasons: _, ...asked } = questionOf(address.peek());
  const controller = new AbortController();
  client.search({ ...asked, k: 1, among: [hit.id] }, controller).then(
    ({ hits: [found] }) => (told.value = found === undefined ? undefined : { id: hit.id, hit: { ...hit, reason: found.reason } }),
    (thrown: unknown) => {
      if (!controller.signal.aborted) told.value = { id: hit.id, hit: messageOf(thrown).detail };
    },
  );
  return () => controller.abort();
}

export function Detail() {
  const dialog = useRef<HTMLDialogElement>(null);
  const chosen = opened.value;
  useEffect(() => {
    if (chosen === undefined) dialog.current?.close();
    else if (dialog.current?.open === false) dialog.current.showModal();
    return chosen !== undefined && chosen.reason === null && !chosen.isQuery && queryOf() !== undefined ? explain(chosen) : undefined;
  }, [chosen]);
  const later = told.value;
  const hit = later !== undefined && later.id === chosen?.id && typeof later.hit !== 'string' ? later.hit : chosen;
  return (
    <dialog ref={dialog} class="detail" aria-label={hit === undefined ? 'Candidate' : nameOf(hit)} onClose={() => (opened.value = undefined)} onClick={(event) => event.target === dialog.current && dialog.current?.close()}>
      {hit !== undefined && <Body hit={hit} problem={later !== undefined && later.id === hit.id && typeof later.hit === 'string' ? later.hit : undefined} />}
    </dialog>
  );
}

function Body({ hit, problem }: { readonly hit: Hit; readonly problem: string | undefined }) {
  const query = queryOf();
  const name = nameOf(hit);
  const lost = hit.reason?.lost ?? [];
  const added = hit.reason?.added ?? [];
  const changes = changesOf(hit).filter(({ kind }) => kind === 'group');
  return (
    <article>
      <header class="line">
        <h2>{name}</h2>
        <span class="quiet">{hit.id === name ? '' : hit.id}</span>
        <HitLink hit={hit} />
        <button type="button" class="close" aria-label="Close" onClick={() => (opened.value = undefined)}>✕</button>
      </header>
      <div class="pair">
        {query !== undefined && !hit.isQuery && (
          <figure>
            <Structure smiles={query} width={380} height={260} label="The query" marks={lost.length > 0 ? [{ atoms: lost, as: 'lost' }] : undefined} />
            <figcaption>The query{lost.length > 0 && <>: <span class="mark lost" /> lost</>}</figcaption>
          </figure>
        )}
        <figure>
          <Structure smiles={hit.smiles} width={380} height={260} label={name} alignTo={hit.isQuery ? undefined : query} marks={added.length > 0 ? [{ atoms: added, as: 'new' }] : undefined} />
          <figcaption>{name}{added.length > 0 && <>: <span class="mark new" /> new</>}</figcaption>
        </figure>
      </div>
      <p class="sentence">{sentenceOf(hit)}</p>
      {problem !== undefined && <p class="complaint">{problem}</p>}
      {changes.length > 0 && (
        <ul class="swaps">
          {changes.map(({ from, to, names }) => (
            <li key={`${from}>${to}`}>
              <Part fragment={from} name={names?.from} /> <span aria-hidden="true">→</span> <Part fragment={to} name={names?.to} />
            </li>
          ))}
        </ul>
      )}
      {hit.reason !== null && hit.reason.evidence !== null && <p>{evidenceInWords(hit.reason.evidence)}</p>}
      <div class="columns">
        <Properties hit={hit} />
        <ScoreTable hit={hit} />
      </div>
      {hit.alerts.length > 0 && <p class="alerts">⚠ {hit.alerts.map(({ name: alert, source }) => `${alert} (${source})`).join('; ')}</p>}
      <Columns hit={hit} />
      <div class="line">
        <button type="button" class="main" onClick={() => { opened.value = undefined; ask({ text: hit.id }); }}>Search with this</button>
        <button type="button" aria-pressed={inBasket(hit)} onClick={() => toggle(hit)}>{inBasket(hit) ? 'In basket' : 'To basket'}</button>
        <Copy text={hit.smiles} label="Copy SMILES" />
        <Copy text={hit.inchiKey} label="Copy InChIKey" />
      </div>
    </article>
  );
}

function Part({ fragment, name }: { readonly fragment: string; readonly name: string | undefined }) {
  if (fragment === '*[H]') return <span class="part-name">hydrogen</span>;
  return (
    <figure class="part">
      <Structure smiles={fragment} width={110} height={70} label={name ?? 'one part'} />
      {name !== undefined && <figcaption>{name}</figcaption>}
    </figure>
  );
}

/** Without the SMILES of its own text. */
function evidenceInWords({ pairs, assays, kept, expectedKept, environment }: NonNullable<NonNullable<Hit['reason']>['evidence']>): string {
  const here = environment.radius < 0 ? '' : `; in the same surroundings ${environment.kept} of ${environment.pairs}`;
  return `Measured: this change was seen in ${pairs} matched pairs of ${assays} assays and kept the activity in ${kept}${here}. Expected here: ${Math.round(100 * expectedKept)} %.`;
}

function Properties({ hit }: { readonly hit: Hit }) {
  return (
    <table>
      <caption>Properties</caption>
      <thead><tr><th scope="col">Property</th><th scope="col">Candidate</th><th scope="col">Change</th></tr></thead>
      <tbody>
        {PROPERTIES.map(({ key, label, unit, digits }) => (
          <tr key={key}>
            <th scope="row">{label}{unit !== '' && <span class="quiet"> {unit}</span>}</th>
            <td>{(hit.descriptors[key] ?? 0).toFixed(digits)}</td>
            <td>{hit.reason === null ? '' : signed(hit.reason.propertyChanges[key] ?? 0, digits)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What came with the library. */
function Columns({ hit }: { readonly hit: Hit }) {
  const rows = Object.entries(hit.properties).filter(([, value]) => value !== null && value !== '');
  if (rows.length === 0 && hit.names.length < 2) return null;
  return (
    <dl class="facts">
      {hit.names.length > 1 && <><dt>Names</dt><dd>{hit.names.slice(0, 8).join(', ')}</dd></>}
      {rows.map(([key, value]) => <div key={key}><dt>{key}</dt><dd>{/^https?:\/\/\S+$/.test(String(value)) ? <a href={String(value)} rel="noreferrer noopener" target="_blank">{String(value)}</a> : String(value)}</dd></div>)}
    </dl>
  );
}
