/** The model that a library was embedded by: what it reads, what it was trained on, and what its score means. */
import type { LibraryDetail } from '../../src/api/index.ts';
import { LEAST_COUNTED } from '../answer/bands.ts';
import { TERMS } from '../answer/words.ts';
import { service } from '../service/service.ts';
import type { Bands } from '../answer/bands.ts';
import { Fact, Tree } from './facts.tsx';
import { bytes, keyInWords } from './words.ts';

type Model = LibraryDetail['model'];
type Facts = Model['card'];

export function ModelSection({ detail: { model, reader } }: { readonly detail: LibraryDetail }) {
  const { id, summary, licence, heldOut, encoders, score, card } = model;
  const parts = partsOf(card).length;
  return (
    <section class="panel" aria-labelledby="library-model">
      <h2 id="library-model">The model</h2>
      <p>{parts > 1 ? `${parts} models joined, each with its share in how alike two molecules are; what each was taught stands below.` : summary ?? 'What it is was not stated.'}</p>
      <dl class="told">
        {id !== null && <Fact name="Name">{id}</Fact>}
        <Fact name="Licence" means="terms of the model">{licence ?? 'not stated'}</Fact>
        <Fact name="Kept apart" means="so that it can be tested on what it never saw">{heldOut ?? 'not stated'}</Fact>
      </dl>
      <Encoders encoders={encoders} />
      <Training card={card} />
      {score === null ? <p class="note">The score of this model was not calibrated: candidates are ranked by the similarity of their vectors.</p> : <Score score={score} />}
      <h3>Reader of drawings</h3>
      {reader === null ? <p>None is installed: a picture is compared with the library as a whole, and no structure is read from it.</p> : <Reader reader={reader} />}
    </section>
  );
}

function Encoders({ encoders }: Pick<Model, 'encoders'>) {
  const known = service.value?.capabilities.modalities ?? [];
  return (
    <>
      <h3>Encoders</h3>
      <p>The networks that turn what is given into a vector.</p>
      <ul class="encoders">
        {encoders.map(({ name, modality, encoder, config, modalityConfig, gallery, bytes: size, sha256 }) => (
          <li key={name}>
            <p><strong>{name}</strong> ({encoder}, {bytes(size)}) reads: {known.find(({ id }) => id === modality)?.summary ?? modality}{gallery && ' It made the vectors of the library.'}</p>
            <details>
              <summary>Settings<span class="visually-hidden"> of {name}</span></summary>
              <Tree facts={{ network: config, input: modalityConfig, 'SHA-256 of the file': sha256 }} />
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}

function Training({ card }: { readonly card: Facts }) {
  const parts = partsOf(card);
  const trained = parts.length > 0 ? parts : [card];
  return (
    <>
      <h3>What it was trained on</h3>
      <ul class="encoders">
        {trained.map((part, i) => {
          const { data, training, recipe, summary, share, references, ...others } = part;
          const sources = [...new Set(sourcesOf(data))];
          return (
            <li key={i}>
              {(parts.length > 1 || typeof recipe === 'string') && <p><strong>{typeof recipe === 'string' ? recipe : `part ${i + 1}`}</strong>{typeof share === 'number' && `, ${Math.round(100 * share)} %`}{typeof summary === 'string' && parts.length > 1 && `: ${summary}`}</p>}
              <p>{sources.length === 0 ? 'The files of the training data are not stated.' : <>Training data: {sources.map((source, at) => <span key={source}>{at > 0 && ', '}<code>{source}</code></span>)}</>}</p>
              {Array.isArray(references) && references.length > 0 && <p class="small quiet">After {references.map(String).join('; ')}</p>}
              <details>
                <summary>Numbers of the training<span class="visually-hidden">{typeof recipe === 'string' ? ` of ${recipe}` : ''}</span></summary>
                <Tree facts={{ ...(isFacts(data) ? { data } : {}), ...(isFacts(training) ? { training } : {}), ...(parts.length > 0 ? others : withoutParts(others)) }} />
              </details>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function withoutParts({ parts: _, ...others }: Facts): Facts {
  return others;
}

/** Wherever a card names "source" or "sources". */
function sourcesOf(data: unknown): string[] {
  if (!isFacts(data)) return [];
  return Object.entries(data).flatMap(([name, value]) => {
    if (name === 'source' && typeof value === 'string') return [value];
    if (name === 'sources' && Array.isArray(value)) return value.filter((one) => typeof one === 'string');
    return sourcesOf(value);
  });
}

/** Of a model that was joined of several, those that were trained by themselves. */
function partsOf(card: Facts): Facts[] {
  return Array.isArray(card['parts']) ? card['parts'].filter(isFacts).filter((part) => 'recipe' in part) : [];
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MODES: Readonly<Record<string, string>> = { default: 'What acts alike', hop: 'Another scaffold', replace: 'One group changed', similarity: 'Nearest' };

function Score({ score: { terms, modes, bands, provenance } }: { readonly score: NonNullable<Model['score']> }) {
  const columns = Object.entries(modes);
  return (
    <>
      <h3>The score</h3>
      <p>The score of a candidate is the estimated chance that it acts like the query, as measured pairs of molecules taught it. It adds up what speaks for and against, each times its weight; a sum of 0 is a chance of one half.</p>
      <div class="wide" tabIndex={0} role="region" aria-label="Weights of the score">
        <table class="lined">
          <caption>What makes the score, with its weight</caption>
          <thead><tr><th scope="col">Term</th>{columns.map(([mode]) => <th key={mode} scope="col">{MODES[mode] ?? keyInWords(mode)}</th>)}<th scope="col">What it is</th></tr></thead>
          <tbody>
            {terms.map(({ id, summary }) => <tr key={id}><th scope="row">{TERMS[id] ?? id}</th>{columns.map(([mode, { weights }]) => <td key={mode} class="number">{weightOf(weights[id])}</td>)}<td class="why">{summary}</td></tr>)}
            <tr><th scope="row">to begin with</th>{columns.map(([mode, { intercept }]) => <td key={mode} class="number">{weightOf(intercept)}</td>)}<td class="why">What the sum begins with: most molecules do not act like the query.</td></tr>
          </tbody>
        </table>
      </div>
      {bands === null ? <p class="note">How often pairs of one similarity acted alike was not counted for this model.</p> : <BandTable bands={bands} />}
      <details>
        <summary>What the score was fitted on</summary>
        <Tree facts={provenance} />
      </details>
    </>
  );
}

/** A weight of 0 takes no part. */
function weightOf(value: number | undefined): string {
  return value === undefined || value === 0 ? '–' : value.toFixed(2).replace('-', '\u2212');
}

function BandTable({ bands: { tanimoto, cosine, alike, pairs } }: { readonly bands: Bands }) {
  const total = pairs.flat().reduce((sum, count) => sum + count, 0);
  const across = tanimoto.slice(1).map((high, i) => `${tanimoto[i]} to ${high}`);
  // The most alike stand on top, as in the plane.
  const rows = cosine.slice(1).map((high, j) => ({ j, label: j === 0 ? `below ${high}` : `${cosine[j]} to ${high}` })).reverse();
  return (
    <>
      <h4>How often pairs acted alike</h4>
      <p>Of {total.toLocaleString('en')} pairs of molecules that were measured in assays which the model was not trained on: the share that acted alike, by how alike the model finds them (rows, cosine of their vectors) and how alike their structures are (columns, Tanimoto of circular fingerprints). Top left is what the search is for: alike to the model, unlike on paper. Fewer than {LEAST_COUNTED} pairs say nothing; they are left out.</p>
      <div class="wide" tabIndex={0} role="region" aria-label="How often pairs acted alike">
        <table class="lined bands">
          <caption>Share that acted alike, with the number of pairs</caption>
          <thead>
            <tr><th scope="col">Cosine</th>{across.map((label) => <th key={label} scope="col"><span class="visually-hidden">Tanimoto </span>{label}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map(({ j, label }) => (
              <tr key={j}>
                <th scope="row">{label}</th>
                {across.map((column, i) => <Band key={column} share={alike[j]?.[i] ?? 0} count={pairs[j]?.[i] ?? 0} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Band({ share, count }: { readonly share: number; readonly count: number }) {
  if (count < LEAST_COUNTED) return <td class="number quiet"><span aria-hidden="true">·</span><span class="visually-hidden">too few pairs</span></td>;
  const words = share < 0.005 ? '< 1 %' : `${Math.min(99, Math.round(100 * share))} %`;
  return <td class="number" style={{ background: `color-mix(in srgb, var(--accent) ${Math.round(28 * share)}%, var(--panel))` }}><strong>{words}</strong> <span class="of">of {count.toLocaleString('en')}</span></td>;
}

function Reader({ reader: { summary, licence, card } }: { readonly reader: NonNullable<LibraryDetail['reader']> }) {
  return (
    <>
      <p>{summary ?? 'It reads the structure that is drawn in a picture.'} It serves every library here. Licence: {licence ?? 'not stated'}.</p>
      <details>
        <summary>Its model card</summary>
        <Tree facts={card} />
      </details>
    </>
  );
}
