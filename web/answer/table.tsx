/** Candidates as rows of numbers. */
import { useRef } from 'preact/hooks';
import { Structure } from '../draw/structure.tsx';
import { inBasket, toggle } from '../basket/basket.ts';
import { shown } from './answer.ts';
import { opened } from './detail.tsx';
import { useVirtualRows } from './virtual.ts';
import { PROPERTIES, nameOf, sentenceOf } from './words.ts';

const ROW_HEIGHT = 76;

export function Table() {
  const body = useRef<HTMLTableSectionElement>(null);
  const hits = shown.value;
  const { rows, height } = useVirtualRows(hits.length, ROW_HEIGHT, body);
  const first = rows[0];
  const last = rows.at(-1);
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Table of candidates">
      <table class="hit-table" aria-rowcount={hits.length + 1}>
        <thead>
          <tr><th scope="col">#</th><th scope="col">Structure</th><th scope="col">Name</th><th scope="col">Score</th><th scope="col">Tanimoto</th><th scope="col">Embedding</th>{PROPERTIES.map(({ key, label }) => <th key={key} scope="col">{label}</th>)}<th scope="col">Alerts</th><th scope="col">Why</th><th scope="col">Basket</th></tr>
        </thead>
        <tbody ref={body}>
          {first !== undefined && first.start > 0 && <tr aria-hidden="true" style={{ height: `${first.start}px` }} />}
          {rows.map(({ index }) => {
            const { hit, rank } = hits[index]!;
            const name = nameOf(hit);
            return (
              <tr key={hit.inchiKey} aria-rowindex={index + 2} style={{ height: `${ROW_HEIGHT}px` }}>
                <td>{rank + 1}</td>
                <td><button type="button" class="drawings" aria-label={`Open ${name}`} onClick={() => (opened.value = hit)}><Structure smiles={hit.smiles} width={110} height={68} label="" /></button></td>
                <th scope="row">{name}</th>
                <td>{hit.score.toFixed(3)}</td>
                <td>{hit.tanimoto?.toFixed(2) ?? '–'}</td>
                <td>{hit.cosine.toFixed(3)}</td>
                {PROPERTIES.map(({ key, digits }) => <td key={key}>{(hit.descriptors[key] ?? 0).toFixed(digits)}</td>)}
                <td>{hit.alerts.map(({ name: alert }) => alert).join(', ')}</td>
                <td class="why">{sentenceOf(hit)}</td>
                <td><input type="checkbox" aria-label={`${name} in the basket`} checked={inBasket(hit)} onChange={() => toggle(hit)} /></td>
              </tr>
            );
          })}
          {last !== undefined && height - last.end > 0 && hits.length > rows.length && <tr aria-hidden="true" style={{ height: `${Math.max(0, height - (last.index + 1) * ROW_HEIGHT)}px` }} />}
        </tbody>
      </table>
    </div>
  );
}
