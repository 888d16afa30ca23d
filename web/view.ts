/** From answers to elements. Text goes in as text, never as markup. */
import type { Hit, SearchResponse } from '../src/api/index.ts';
import { depict } from './api.ts';
import type { Drawing } from './api.ts';

export function element<Type extends HTMLElement>(id: string): Type {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}`);
  return found as Type;
}

export interface CardActions {
  search(text: string): void;
  copy(text: string, button: HTMLButtonElement): void;
}

/** A molecule as it was understood: the parent, and what was set aside. */
export function queryCard({ query: seen }: SearchResponse): Node[] {
  const picture = document.createElement('img');
  if (seen.smiles !== null) {
    picture.alt = `The molecule that was searched: ${seen.smiles}`;
    void draw(picture, { smiles: seen.smiles, width: 320, height: 200 });
  }
  const text = document.createElement('div');
  const title = document.createElement('h2');
  title.textContent = 'Searched as';
  const notes = [...(seen.removed.length > 0 ? [`Set aside: ${seen.removed.join(', ')}`] : []), ...seen.warnings];
  text.append(title, ...(seen.smiles === null ? [] : [line('smiles', seen.smiles)]), ...(seen.inchiKey === null ? [] : [line('quiet', seen.inchiKey)]), ...notes.map((note) => line('note', note)));
  return [picture, text];
}

export function hitCard(hit: Hit, rank: number, { query, mode }: Pick<SearchResponse, 'query' | 'mode'>, actions: CardActions): Node {
  const card = element<HTMLTemplateElement>('card').content.cloneNode(true) as DocumentFragment;
  const part = <Type extends Element>(selector: string): Type => card.querySelector<Type>(selector)!;
  const name = hit.names[0] ?? hit.id;
  const image = part<HTMLImageElement>('img');
  const { isQuery } = hit;
  // The atoms that the reason tells of, so that text and drawing agree.
  whenNear(image, () => void draw(image, { smiles: hit.smiles, width: 260, height: 180, alignTo: isQuery ? undefined : query.smiles ?? undefined, highlightAtoms: hit.reason?.added }));
  // As the query is drawn above, which candidates are drawn over.
  const lost = part<HTMLImageElement>('.lost img');
  const lostAtoms = hit.reason?.lost ?? [];
  part<HTMLElement>('.lost').hidden = isQuery || query.smiles === null || lostAtoms.length === 0;
  if (!isQuery && query.smiles !== null && lostAtoms.length > 0) {
    const { smiles } = query;
    whenNear(lost, () => void draw(lost, { smiles, width: 130, height: 90, highlightAtoms: lostAtoms }));
    lost.alt = 'The query, with the atoms marked that this candidate lacks';
  }
  image.alt = `Structure of ${name}: ${hit.smiles}`;
  part('h3').textContent = name;
  part('.rank').textContent = String(rank + 1);
  part('.id').textContent = name === hit.id ? '' : hit.id;
  part<HTMLElement>('.same').hidden = !isQuery;
  part('.smiles').textContent = hit.smiles;
  part<HTMLMeterElement>('meter').value = Math.max(0, hit.score);
  part('meter').setAttribute('aria-label', mode === 'similarity' ? 'cosine' : 'score, 0 to 1');
  // As in src/api/schemas.ts (SCORE_MEANING).
  part<HTMLElement>('.score').title = mode === 'similarity' ? '' : 'Score (0 to 1): in a mix of 1 pair of actives of one assay to about 10 other pairs, the share of pairs with this score that act alike. In a library it is far smaller.';
  part('.score').textContent = `${mode === 'similarity' ? 'cosine' : 'score'} ${hit.score.toFixed(3)}`;
  part('.percentile').textContent = hit.percentile === null ? '' : hit.percentile >= 100 ? 'closer than any random pair' : `closer than ${formatPercentile(hit.percentile)} of random pairs`;
  part('.reason').textContent = hit.reason?.text ?? '';
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
  const rows: [string, string][] = [['Cosine', hit.cosine.toFixed(3)]];
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
  const rows = hits.map((hit, i) => [i + 1, hit.id, hit.names.join('; '), hit.smiles, hit.inchiKey, hit.score, hit.cosine, hit.percentile, hit.tanimoto, hit.sameScaffold, hit.reason?.text, ...properties.map((name) => hit.properties[name])]);
  const header = ['rank', 'id', 'names', 'smiles', 'inchiKey', 'score', 'cosine', 'percentile', 'tanimoto', 'sameScaffold', 'reason', ...properties];
  return [header, ...rows].map((row) => row.map(quoted).join(',')).join('\r\n');
}

/** A cell that a spreadsheet would take for a formula is marked as text. */
function quoted(value: string | number | boolean | null | undefined): string {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && /^[=+@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const drawn = new Map<HTMLImageElement, Omit<Drawing, 'theme'>>();
// Bonds drawn for white paper cannot be seen on black.
prefersDark.addEventListener('change', () => {
  for (const [image, drawing] of drawn) {
    if (image.isConnected) void draw(image, drawing);
    else drawn.delete(image);
  }
});

export async function draw(image: HTMLImageElement, drawing: Omit<Drawing, 'theme'>): Promise<void> {
  drawn.set(image, drawing);
  const blob = await depict({ ...drawing, theme: prefersDark.matches ? 'dark' : 'light' });
  if (blob !== undefined) showBlob(image, blob);
  else image.replaceWith('No drawing');
}

/** Calls back once when the element is about to be seen: a thousand hits are not drawn for a look at ten. */
function whenNear(target: Element, callback: () => void): void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    callback();
  }, { rootMargin: '400px' });
  observer.observe(target);
}

export function showBlob(image: HTMLImageElement, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  image.addEventListener('load', () => URL.revokeObjectURL(url), { once: true });
  image.src = url;
}

export function line(className: string, text: string): HTMLElement {
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
