/** The basket: candidates of several queries, to take away together. */
import { useState } from 'preact/hooks';
import { FORMATS, exportRecords } from '../answer/export.tsx';
import { Structure } from '../draw/structure.tsx';
import { messageOf } from '../service/client.ts';
import { basket, remove } from './basket.ts';

export function BasketView() {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const kept = basket.value;
  if (kept.length === 0) return <section class="panel"><h2>The basket is empty</h2><p>Put candidates and replacements into it with "To basket", over as many queries as you like. It is kept in this browser alone.</p></section>;
  const records = kept.map(({ smiles, id, name, inchiKey, query, library, generation, score }) => ({ smiles, id, fields: { name, inchiKey, foundFor: query, score, library, generation } }));
  return (
    <section aria-label="Basket">
      <div class="line toolbar">
        <h2>{kept.length} in the basket</h2>
        <div class="line" role="group" aria-label="Take away">
          <span class="small quiet">Save</span>
          {FORMATS.map((format) => (
            <button key={format.format} type="button" onClick={() => void exportRecords(format, records, 'isolens-basket', { source: 'IsoLens basket' }).catch((thrown: unknown) => setProblem(messageOf(thrown).detail))}>{format.label}</button>
          ))}
          <button type="button" onClick={() => print()}>Print</button>
          <button type="button" onClick={() => (basket.value = [])}>Empty the basket</button>
        </div>
      </div>
      {problem !== undefined && <p class="complaint" role="alert">{problem}</p>}
      <ul class="kept">
        {kept.map(({ inchiKey, smiles, name, id, query, address, library, score }) => (
          <li key={inchiKey} class="panel">
            <Structure smiles={smiles} width={220} height={140} label={name} />
            <h3>{name}</h3>
            {id !== name && id !== inchiKey && <p class="quiet small">{id}</p>}
            <p class="small">Found for <a href={address}>{query.length > 40 ? `${query.slice(0, 40)}…` : query}</a>{library !== '' && ` in ${library}`}{score !== null && `, score ${score.toFixed(2)}`}</p>
            <button type="button" onClick={() => remove(inchiKey)}>Remove</button>
          </li>
        ))}
      </ul>
    </section>
  );
}
