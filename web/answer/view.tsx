/** The answer: what was searched, what was found, in one of four forms. */
import { useEffect } from 'preact/hooks';
import { AtPosition, Near } from '../query/taken.tsx';
import { draft } from '../query/draft.ts';
import { ReplacementPanel } from '../replace/panel.tsx';
import { ClickableMolecule } from '../replace/molecule.tsx';
import { groups } from '../replace/groups.ts';
import { NO_FILTERS, SHOWS, address, go } from '../shell/address.ts';
import type { Show } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { Lazy } from '../shell/lazy.tsx';
import { SORTS, answer, attempts, brushed, isSearching, shown, staleGeneration } from './answer.ts';
import type { Failure } from './answer.ts';
import { Detail } from './detail.tsx';
import { Export } from './export.tsx';
import { Filters, countFilters } from './filters.tsx';
import { Grid } from './grid.tsx';
import { nameOf } from './words.ts';

/** Pixels from which query and answer stand side by side, as in the style sheet. */
const WIDE = 960;

const SHOW_WORDS: Readonly<Record<Show, string>> = { grid: 'Cards', table: 'Table', plane: 'Plane', map: 'Map' };

export function AnswerView() {
  const current = answer.value;
  const isBusy = isSearching.value;
  const title = current.state === 'answered' ? titleOf() : undefined;
  useEffect(() => {
    document.title = title === undefined ? 'IsoLens: what could I make or buy instead of this?' : `${title}: IsoLens`;
  }, [title]);
  if (current.state === 'none') return isBusy ? <Waiting /> : <Welcome />;
  if (current.state === 'failed') return <Failed failure={current.failure} />;
  return (
    <div class="answer" aria-busy={isBusy}>
      <aside class="about" aria-label="The query">
        {current.picture === undefined ? <QueryCard /> : <Lazy key="picture" load={() => import('../picture/card.tsx').then(({ SearchedPicture }) => SearchedPicture)} what="The picture" />}
        <details class="panel refine" open={innerWidth > WIDE}>
          <summary>Filters{countFilters(address.value.filters) > 0 && ` (${countFilters(address.value.filters)})`}</summary>
          <Filters />
        </details>
      </aside>
      <div class="found">
        <ReplacementPanel />
        <Toolbar />
        <Shown />
      </div>
      <Detail />
    </div>
  );
}

function titleOf(): string {
  const { text } = address.value;
  const current = answer.value;
  const held = current.state === 'answered' ? current.response.query.held : null;
  return held === null ? text ?? 'A picture' : nameOf(held);
}

function Welcome() {
  return (
    <section class="welcome quiet">
      <p>Ask with a molecule. The answer is a ranked list of candidates, each with the reason why it is there, and, for every group of your molecule, what was put in its place and what became of the activity.</p>
    </section>
  );
}

function Waiting() {
  return (
    <section class="waiting" aria-busy="true">
      <p role="status">Searching …</p>
      <div class="skeletons" aria-hidden="true">{Array.from({ length: 6 }, (_, i) => <div key={i} class="panel skeleton" />)}</div>
    </section>
  );
}

function Failed({ failure }: { readonly failure: Failure }) {
  const { text, picture } = address.value;
  const isAway = failure.code === 'AWAY';
  return (
    <section class="panel failed" role="alert">
      <h2>{failure.title}</h2>
      <p>
        {failure.code === 'NAME_UNKNOWN' ? <><strong>{text}</strong>: <Near failure={failure} /></> : text === undefined ? failure.detail : <AtPosition text={text} failure={failure} />}
      </p>
      {failure.code === 'NAME_UNKNOWN' && <p class="quiet">Names, synonyms and identifiers are those of this library. A SMILES, an InChI, a molfile or a drawing always works.</p>}
      <div class="line">
        {isAway && <button type="button" class="main" onClick={() => attempts.value++}>Try again</button>}
        {picture !== undefined && <button type="button" onClick={() => document.getElementById('picture')?.click()}>Give another picture</button>}
        {countFilters(address.value.filters) > 0 && <button type="button" onClick={() => go({ filters: NO_FILTERS })}>Remove all filters</button>}
        {text !== undefined && <button type="button" onClick={() => { draft.value = text; document.getElementById('text')?.focus(); }}>Change the query</button>}
      </div>
    </section>
  );
}

/** The molecule as it was understood: drawn, named, and what was set aside. */
function QueryCard() {
  const current = answer.value;
  if (current.state !== 'answered') return null;
  const { smiles, inchiKey, removed, warnings, held, descriptors } = current.response.query;
  const name = held === null ? undefined : nameOf(held);
  const count = groups.value?.smiles === smiles ? groups.value?.groups.length ?? 0 : 0;
  return (
    <details class="panel understood" open={innerWidth > WIDE}>
      <summary><h2>{name ?? 'Not in this library'}</h2>{descriptors !== null && <span class="quiet small"> {(descriptors['molecularWeight'] ?? 0).toFixed(1)} g/mol · logP {(descriptors['logP'] ?? 0).toFixed(1)} · TPSA {(descriptors['tpsa'] ?? 0).toFixed(0)}</span>}</summary>
      {smiles !== null && <ClickableMolecule smiles={smiles} label={`The query${name === undefined ? '' : `, ${name}`}${count > 0 ? `, with ${count} groups that can be replaced` : ''}`} />}
      <div class="line">
        {smiles !== null && <Copy text={smiles} label="Copy SMILES" />}
        {inchiKey !== null && <Copy text={inchiKey} label="Copy InChIKey" />}
      </div>
      {removed.length > 0 && <p class="note">Set aside: {removed.map((part, i) => <span key={part}>{i > 0 && ', '}<code>{part}</code></span>)}</p>}
      {warnings.map((warning) => <p key={warning} class="note">{warning}</p>)}
    </details>
  );
}

function Toolbar() {
  const current = answer.value;
  if (current.state !== 'answered') return null;
  const { hits, index, tookMs, filters } = current.response;
  const count = shown.value.length;
  const { show, sort } = address.value;
  const stale = staleGeneration.value;
  return (
    <section class="toolbar" aria-label="Answer">
      <p role="status" class="status">
        {isSearching.value ? 'Searching …' : count < hits.length ? `${count.toLocaleString('en')} of ${hits.length.toLocaleString('en')} candidates are chosen in the plot.` : `${hits.length.toLocaleString('en')} of ${index.count.toLocaleString('en')} molecules in ${tookMs.toFixed(0)} ms`}
        {filters.length > 0 && <span class="quiet"> · {filters.map(({ filter, remaining }) => `${filter}: ${remaining.toLocaleString('en')}`).join(' · ')}</span>}
        <span class="quiet generation"> · {index.name}@{index.generation}</span>
      </p>
      {stale !== undefined && <p class="note" role="alert">This link was made with another generation of the library ({stale}). The library was built anew since, so the ranking may differ.</p>}
      <div class="line tools">
        <div class="choice" role="group" aria-label="Show as">
          {SHOWS.map((one) => <button key={one} type="button" aria-pressed={show === one} onClick={() => go({ show: one }, 'replace')}>{SHOW_WORDS[one]}</button>)}
        </div>
        <label class="small">Sort by <select value={sort} onChange={(event) => go({ sort: event.currentTarget.value }, 'replace')}>{Object.entries(SORTS).map(([id, { label }]) => <option key={id} value={id}>{label}</option>)}</select></label>
        {brushed.value !== undefined && <button type="button" onClick={() => (brushed.value = undefined)}>Show all</button>}
        <Export />
      </div>
    </section>
  );
}

function Shown() {
  const { show } = address.value;
  const current = answer.value;
  if (current.state !== 'answered') return null;
  if (current.response.hits.length === 0) return <NoHits />;
  return (
    <>
      {show === 'plane' && <Lazy key="plane" load={() => import('./plane.tsx').then(({ Plane }) => Plane)} what="The plane" />}
      {show === 'map' && <Lazy key="map" load={() => import('./map.tsx').then(({ LibraryMap }) => LibraryMap)} what="The map" />}
      {show === 'table' ? <Lazy key="table" load={() => import('./table.tsx').then(({ Table }) => Table)} what="The table" /> : <Grid />}
    </>
  );
}

/** Says which filter did it. */
function NoHits() {
  const current = answer.value;
  const steps = current.state === 'answered' ? current.response.filters : [];
  const last = steps.find(({ remaining }) => remaining === 0);
  return (
    <section class="panel none">
      <h2>No candidate</h2>
      <p>{last === undefined ? address.value.mode === 'replace' ? 'No molecule of this library differs from the query by one group or ring alone. Click a group in the drawing to see what could be made.' : 'Nothing in this library is left to show.' : `No molecule passes the filter "${last.filter}".`}</p>
      <div class="line">
        {countFilters(address.value.filters) > 0 && <button type="button" class="main" onClick={() => go({ filters: NO_FILTERS })}>Remove all filters</button>}
        {address.value.mode !== 'default' && <button type="button" onClick={() => go({ mode: 'default' })}>Look for what acts alike</button>}
      </div>
    </section>
  );
}
