/** What was put in the place of the chosen group, drawn in place, with what happened to the activity. */
import { computed, signal } from '@preact/signals';
import { Structure } from '../draw/structure.tsx';
import { inBasket, toggle } from '../basket/basket.ts';
import { address, ask, go } from '../shell/address.ts';
import { deltaText } from './delta.ts';
import { Dots } from './dots.tsx';
import { choose, known, parent } from './groups.ts';
import { Brush, inBrush } from './brush.tsx';

const CLASSES = ['acid', 'base', 'neutral', 'zwitterion'] as const;
const wanted = signal<(typeof CLASSES)[number] | undefined>(undefined);

const listed = computed(() => {
  const current = known.value;
  if (current?.state !== 'known') return [];
  return current.proposals.filter(({ evidence }) => (wanted.value === undefined || evidence.ionisation === wanted.value) && inBrush(evidence));
});

export function ReplacementPanel() {
  const current = known.value;
  const query = parent.value;
  if (current === undefined || query === undefined) return null;
  if (current.state === 'asking') return <section class="panel replacements" aria-busy="true"><p role="status">Looking up replacements …</p></section>;
  if (current.state === 'failed') return <section class="panel replacements"><p class="complaint" role="alert">{current.detail}</p></section>;
  const { group, proposals } = current;
  const present = CLASSES.filter((one) => proposals.some(({ evidence }) => evidence.ionisation === one));
  return (
    <section class="panel replacements" aria-labelledby="replacements-title">
      <header class="line">
        <h2 id="replacements-title" tabIndex={-1}>{group.total.toLocaleString('en')} replacements of {group.name}</h2>
        <button type="button" class="close" onClick={() => choose(undefined)}>Close</button>
      </header>
      <p class="quiet">
        Put in its place in measured compounds, those first that keep the activity where the group is needed.
        {group.ionisation !== null && group.ionisation !== 'neutral' && ` In water at pH 7.4 the group is ${group.ionisation === 'acid' ? 'an acid' : group.ionisation === 'base' ? 'a base' : 'a zwitterion'}.`}
      </p>
      <div class="line choices">
        <div class="choice" role="group" aria-label="Charge class of the new group">
          <button type="button" aria-pressed={wanted.value === undefined} onClick={() => (wanted.value = undefined)}>all</button>
          {present.map((one) => <button key={one} type="button" aria-pressed={wanted.value === one} onClick={() => (wanted.value = one)}>{one}</button>)}
        </div>
        <Brush proposals={proposals} />
      </div>
      <ol class="proposals">
        {listed.value.map((proposal) => {
          const { smiles, evidence, virtual, id, names, inchiKey, changes } = proposal;
          const { needed, environment } = evidence;
          return (
            <li key={inchiKey} class="card proposal">
              <Structure smiles={smiles} width={230} height={140} label={`The query with ${evidence.name}`} alignTo={query} />
              <div class="title">
                <h3>{evidence.name}</h3>
                <span class={virtual ? 'tag' : 'tag held'}>{virtual ? 'virtual' : `in the library: ${names[0] ?? id ?? ''}`}</span>
                {evidence.textbook && <span class="tag">textbook isostere</span>}
              </div>
              <p class="expected"><strong>{Math.round(100 * needed.expectedKept)} %</strong> expected to keep the activity</p>
              <Dots evidence={evidence} />
              <p class="small quiet">
                {evidence.kept} of {evidence.pairs} pairs kept it, in {evidence.assays} assays
                {environment.radius >= 0 && <>; {environment.kept} of {environment.pairs} in these surroundings</>}
                {needed.pairs > 0 && <>; {needed.kept} of {needed.pairs} where the group is needed</>}
              </p>
              <p class="chips">
                <span class="chip"><span class="quiet">at pH 7.4</span> {evidence.ionisation}</span>
                {deltaText(changes).map(([label, text]) => <span key={label} class="chip"><span class="quiet">{label}</span> {text}</span>)}
              </p>
              <div class="actions">
                <button type="button" aria-pressed={inBasket({ inchiKey })} onClick={() => toggle({ inchiKey, smiles, names: names.length > 0 ? names : [`${address.value.text ?? 'query'} with ${evidence.name}`], id: id ?? inchiKey, score: null })}>{inBasket({ inchiKey }) ? 'In basket' : 'To basket'}</button>
                <button type="button" onClick={() => ask({ text: smiles })}>Search with this</button>
              </div>
            </li>
          );
        })}
      </ol>
      {listed.value.length === 0 && <p>{proposals.length === 0 ? 'Replacements are known, but none was ever seen at such an atom.' : 'None passes these choices.'} {proposals.length > 0 && <button type="button" class="link" onClick={() => { wanted.value = undefined; go({}, 'replace'); }}>Show all</button>}</p>}
    </section>
  );
}
