/** From answers to elements. Text goes in as text, never as markup. */
import type { Hit, SearchResponse } from '../src/api/index.ts';
import { depict, depictionUrl } from './api.ts';
import type { Query } from './api.ts';

export function element<Type extends HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}`);
  return found as Type;
}

export interface CardActions {
  search(text: string): void;
  copy(smiles: string, button: HTMLButtonElement): void;
}

/** The query as it was understood: picture, parent, what was set aside. */
export function queryCard(query: Query, { query: seen }: SearchResponse): Node[] {
  const picture = document.createElement('img');
  if ('image' in query) {
    showBlob(picture, query.image);
    picture.alt = 'The picture that was searched';
  } else if (seen.smiles !== null) {
    picture.alt = `The molecule that was searched: ${seen.smiles}`;
    void depict(seen.smiles, 320, 200).then((drawing) => (drawing === undefined ? picture.remove() : showBlob(picture, drawing)));
  }
  const text = document.createElement('div');
  const title = document.createElement('h2');
  title.textContent = seen.kind === 'image' ? 'Searched by the picture' : 'Searched as';
  const notes = [
    ...(seen.smiles === null ? ['The picture is compared with the library by itself; no structure is read from it.'] : []),
    ...(seen.removed.length > 0 ? [`Set aside: ${seen.removed.join(', ')}`] : []),
    ...seen.warnings,
  ];
  text.append(title, ...(seen.smiles === null ? [] : [line('smiles', seen.smiles)]), ...(seen.inchiKey === null ? [] : [line('quiet', seen.inchiKey)]), ...notes.map((note) => line('note', note)));
  return [picture, text];
}

export function hitCard(hit: Hit, rank: number, index: string, actions: CardActions): Node {
  const card = element<HTMLTemplateElement>('card').content.cloneNode(true) as DocumentFragment;
  const part = <Type extends Element>(selector: string): Type => card.querySelector<Type>(selector)!;
  const name = hit.names[0] ?? hit.id;
  const image = part<HTMLImageElement>('img');
  image.src = depictionUrl(hit.id, index);
  image.alt = `Structure of ${name}: ${hit.smiles}`;
  part('h3').textContent = name;
  part('.rank').textContent = String(rank + 1);
  part('.id').textContent = name === hit.id ? '' : hit.id;
  part('.smiles').textContent = hit.smiles;
  part<HTMLMeterElement>('meter').value = Math.max(0, hit.score);
  part('.score').textContent = hit.score.toFixed(3);
  part('.percentile').textContent = `closer than ${formatPercentile(hit.percentile)} of random pairs`;
  part('dl').append(...facts(hit).flatMap(([term, value]) => [cell('dt', term), cell('dd', value)]));
  const again = (): void => actions.search(hit.smiles);
  part('.picture').addEventListener('click', again);
  part('.picture').setAttribute('aria-label', `Search with ${name}`);
  part('.again').addEventListener('click', again);
  const copy = part<HTMLButtonElement>('.copy');
  copy.addEventListener('click', () => actions.copy(hit.smiles, copy));
  return card;
}

function facts(hit: Hit): [string, string][] {
  const rows: [string, string][] = [];
  if (hit.tanimoto !== null) rows.push(['ECFP4 Tanimoto', hit.tanimoto.toFixed(2)]);
  if (hit.sameScaffold !== null) rows.push(['Scaffold', hit.sameScaffold ? 'the same' : 'another']);
  for (const [key, value] of Object.entries(hit.properties)) if (value !== null && value !== '') rows.push([capitalise(key), String(value)]);
  return rows;
}

/** Never rounded up to "all": 99.99996 is not 100. */
function formatPercentile(percentile: number): string {
  const digits = percentile >= 99.9 ? 3 : percentile >= 99 ? 2 : percentile >= 90 ? 1 : 0;
  const scale = 10 ** digits;
  return `${(Math.floor(percentile * scale) / scale).toFixed(digits)} %`;
}

/** The hits as a table for a spreadsheet. */
export function toCsv({ hits }: SearchResponse): string {
  const properties = [...new Set(hits.flatMap((hit) => Object.keys(hit.properties)))];
  const rows = hits.map((hit, i) => [i + 1, hit.id, hit.names.join('; '), hit.smiles, hit.inchiKey, hit.score, hit.percentile, hit.tanimoto, hit.sameScaffold, ...properties.map((name) => hit.properties[name])]);
  const header = ['rank', 'id', 'names', 'smiles', 'inchiKey', 'score', 'percentile', 'tanimoto', 'sameScaffold', ...properties];
  return [header, ...rows].map((row) => row.map(quoted).join(',')).join('\r\n');
}

/** A cell that a spreadsheet would take for a formula is marked as text. */
function quoted(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function showBlob(image: HTMLImageElement, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  image.addEventListener('load', () => URL.revokeObjectURL(url), { once: true });
  image.src = url;
}

function line(className: string, text: string): HTMLElement {
  const paragraph = document.createElement('p');
  paragraph.className = className;
  paragraph.textContent = text;
  return paragraph;
}

function cell(tag: 'dt' | 'dd', text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
