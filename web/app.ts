/** The chemists' page: a SMILES or a picture in, drawn candidates out. Talks to the HTTP API and to nothing else. */
import type { Hit, IndexInfo, Problem, SearchResponse } from '../src/api/index.ts';

type Query = { smiles: string } | { id: string } | { image: Blob };

const element = <Type extends HTMLElement>(id: string): Type => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}`);
  return found as Type;
};

const form = element<HTMLFormElement>('query');
const smilesInput = element<HTMLInputElement>('smiles');
const imageInput = element<HTMLInputElement>('image');
const dropZone = element('drop');
const statusLine = element('status');
const understood = element('understood');
const hitList = element('hits');
const indexSelect = element<HTMLSelectElement>('index');
const kInput = element<HTMLInputElement>('k');

let running: AbortController | undefined;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const smiles = smilesInput.value.trim();
  if (smiles === '') say('Type a SMILES, or give a picture.', true);
  else void search({ smiles });
});
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-smiles]')) {
  button.addEventListener('click', () => searchSmiles(button.dataset['smiles'] ?? ''));
}
imageInput.addEventListener('change', () => {
  const file = imageInput.files?.[0];
  if (file !== undefined) void search({ image: file });
});
dropZone.addEventListener('dragover', (event) => {
  event.preventDefault();
  dropZone.classList.add('over');
});
dropZone.addEventListener('dragleave', () => dropZone.classList.remove('over'));
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  dropZone.classList.remove('over');
  const file = event.dataTransfer?.files[0];
  if (file !== undefined) void search({ image: file });
});
document.addEventListener('paste', (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((candidate) => candidate.type.startsWith('image/'));
  if (file !== undefined) void search({ image: file });
});

function searchSmiles(smiles: string): void {
  smilesInput.value = smiles;
  void search({ smiles });
}

async function search(query: Query): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  say('Searching ...');
  try {
    const response = await send(query, controller.signal);
    const body = (await response.json()) as SearchResponse | Problem;
    if ('code' in body) {
      understood.hidden = true;
      hitList.replaceChildren();
      say(`${body.title}. ${body.detail}`, true);
      return;
    }
    show(query, body);
  } catch (thrown) {
    if (controller.signal.aborted) return;
    say(`The service does not answer: ${thrown instanceof Error ? thrown.message : String(thrown)}`, true);
  }
}

function send(query: Query, signal: AbortSignal): Promise<Response> {
  const k = Number(kInput.value);
  const index = indexSelect.value;
  if ('image' in query) {
    const options = new URLSearchParams({ k: String(k), ...(index === '' ? {} : { index }) });
    return fetch(`/v1/search/image?${options}`, { method: 'POST', body: query.image, headers: { 'content-type': query.image.type || 'application/octet-stream' }, signal });
  }
  return fetch('/v1/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, k, ...(index === '' ? {} : { index }) }),
    signal,
  });
}

function show(query: Query, { query: seen, hits, tookMs, index }: SearchResponse): void {
  const picture = document.createElement('img');
  const text = document.createElement('div');
  if ('image' in query) {
    picture.src = URL.createObjectURL(query.image);
    picture.alt = 'The picture that was searched';
  } else if (seen.smiles !== null) {
    void depict(seen.smiles, picture);
    picture.alt = `The molecule that was searched: ${seen.smiles}`;
  }
  const notes = [
    seen.smiles === null ? 'Searched by the picture itself.' : `Searched as ${seen.smiles}`,
    ...(seen.removed.length > 0 ? [`Set aside: ${seen.removed.join(', ')}`] : []),
    ...seen.warnings,
  ];
  for (const note of notes) {
    const paragraph = document.createElement('p');
    paragraph.textContent = note;
    text.append(paragraph);
  }
  understood.replaceChildren(picture, text);
  understood.hidden = false;
  hitList.replaceChildren(...hits.map((hit, rank) => card(hit, rank, index.name)));
  say(hits.length === 0
    ? 'No candidate: the score floor left nothing.'
    : `${hits.length} of ${index.count.toLocaleString()} molecules in ${tookMs.toFixed(0)} ms · ${index.name}@${index.generation}`);
}

function card(hit: Hit, rank: number, index: string): Node {
  const template = element<HTMLTemplateElement>('card').content.cloneNode(true) as DocumentFragment;
  const part = <Type extends Element>(selector: string): Type => template.querySelector<Type>(selector)!;
  const name = hit.names[0] ?? hit.id;
  const image = part<HTMLImageElement>('img');
  image.src = `/v1/molecules/${encodeURIComponent(hit.id)}/depiction.svg?index=${encodeURIComponent(index)}`;
  image.alt = `Structure of ${name}`;
  part('h2').textContent = `${rank + 1}. ${name}`;
  part('.smiles').textContent = hit.smiles;
  part('dl').append(...facts(hit).flatMap(([term, value]) => {
    const dt = document.createElement('dt');
    const dd = document.createElement('dd');
    dt.textContent = term;
    dd.textContent = value;
    return [dt, dd];
  }));
  part<HTMLAnchorElement>('.picture').href = `/v1/molecules/${encodeURIComponent(hit.id)}?index=${encodeURIComponent(index)}`;
  part('.again').addEventListener('click', () => {
    scrollTo({ top: 0 });
    searchSmiles(hit.smiles);
  });
  part('.copy').addEventListener('click', () => void navigator.clipboard.writeText(hit.smiles));
  return template;
}

function facts(hit: Hit): [string, string][] {
  const rows: [string, string][] = [
    ['Similarity', `${hit.score.toFixed(3)}, closer than ${formatPercentile(hit.percentile)} of pairs`],
  ];
  if (hit.tanimoto !== null) rows.push(['ECFP4 Tanimoto', hit.tanimoto.toFixed(2)]);
  if (hit.sameScaffold !== null) rows.push(['Scaffold', hit.sameScaffold ? 'the same' : 'another']);
  for (const [key, value] of Object.entries(hit.properties)) if (value !== null && value !== '') rows.push([key, String(value)]);
  return rows;
}

function formatPercentile(percentile: number): string {
  return `${percentile >= 99 ? percentile.toFixed(2) : percentile.toFixed(0)} %`;
}

async function depict(smiles: string, picture: HTMLImageElement): Promise<void> {
  const response = await fetch('/v1/depictions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ smiles }) });
  if (response.ok) picture.src = URL.createObjectURL(await response.blob());
}

function say(text: string, alarm = false): void {
  statusLine.textContent = text;
  statusLine.classList.toggle('alarm', alarm);
}

async function loadIndexes(): Promise<void> {
  const indexes = (await (await fetch('/v1/indexes')).json()) as IndexInfo[];
  indexSelect.replaceChildren(...indexes.map((info) => new Option(`${info.name} (${info.count.toLocaleString()})`, info.name)));
  const total = indexes.reduce((sum, info) => sum + info.count, 0);
  element('library').textContent = `${total.toLocaleString()} molecules in ${indexes.length} ${indexes.length === 1 ? 'library' : 'libraries'}`;
}

void loadIndexes();
