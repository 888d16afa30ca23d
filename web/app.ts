/** The chemists' page: a molecule or a picture in, drawn candidates out. Talks to the HTTP API and to nothing else. */
import type { SearchResponse } from '../src/api/index.ts';
import { ProblemError, capabilities, indexes, search } from './api.ts';
import type { Query } from './api.ts';
import { pictureCard } from './reading.ts';
import { element, hitCard, queryCard, toCsv } from './view.ts';
import type { CardActions } from './view.ts';

const form = element<HTMLFormElement>('query');
const textInput = element<HTMLInputElement>('text');
const imageInput = element<HTMLInputElement>('image');
const dropZone = element('drop');
const statusLine = element('status');
const errorBox = element('error');
const queryBox = element('understood');
const hitList = element('hits');
const results = element('results');
const indexSelect = element<HTMLSelectElement>('index');
const modeSelect = element<HTMLSelectElement>('mode');
const countInput = element<HTMLInputElement>('k');

/** A search in the browser's history. */
type Visit = { readonly text: string } | { readonly picture: string };

/** Pictures by what the history calls them: it keeps none itself. After a reload they are gone. */
const pictures = new Map<string, Blob>();

/** Below this a placeholder would only flicker. */
const PLACEHOLDER_AFTER_MS = 150;

let running: AbortController | undefined;
let shown: SearchResponse | undefined;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = textInput.value.trim();
  if (text === '') return fail('Nothing to search', 'Type a SMILES, a name or an identifier, or give a picture of a structure.');
  go({ text });
});
for (const control of [indexSelect, countInput, modeSelect]) {
  control.addEventListener('change', () => {
    const query = visited();
    const typed = textInput.value.trim();
    // What was typed since is what is meant.
    if (typed !== '' && (query === undefined || !('text' in query) || query.text !== typed)) go({ text: typed });
    else if (query !== undefined) void run(query);
  });
}
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-text]')) {
  button.addEventListener('click', () => go({ text: button.dataset['text'] ?? '' }));
}
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-image]')) {
  button.addEventListener('click', () => void fetch(button.dataset['image'] ?? '').then((response) => response.blob()).then((image) => go({ image })));
}
imageInput.addEventListener('change', () => {
  const file = imageInput.files?.[0];
  // The same file may be chosen again.
  imageInput.value = '';
  if (file !== undefined) void open(file);
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  dropZone.classList.add('over');
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) dropZone.classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  dropZone.classList.remove('over');
  const file = event.dataTransfer?.files[0];
  const text = event.dataTransfer?.getData('text/plain').trim() ?? '';
  if (file !== undefined) void open(file);
  else if (text !== '') go({ text });
});
document.addEventListener('paste', (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((candidate) => candidate.type.startsWith('image/'));
  if (file !== undefined) return go({ image: file });
  const text = event.clipboardData?.getData('text/plain') ?? '';
  if (!text.trim().includes('\n')) return;
  // The field has one line: what has several is searched as it is, a molfile among it.
  event.preventDefault();
  go({ text });
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  textInput.select();
});
addEventListener('popstate', () => {
  const query = visited();
  if (query === undefined) reset();
  else void run(query);
});
element('save').addEventListener('click', () => {
  if (shown !== undefined) save(toCsv(shown), 'candidates.csv');
});

const actions: CardActions = {
  search: (text) => {
    scrollTo({ top: 0 });
    go({ text });
  },
  copy: (text, button) => {
    void navigator.clipboard.writeText(text).then(() => flash(button, 'Copied'), () => flash(button, 'Not allowed'));
  },
};

/** A picture, or a file of text that holds one molecule. */
async function open(file: File): Promise<void> {
  if (/\.(?:mol|sdf|smi|txt)$/i.test(file.name)) go({ text: (await file.text()).replace(/\r?\n\$\$\$\$\s*$/, '\n') });
  else go({ image: file });
}

/** A new query: it becomes an entry of the history. */
function go(query: Query): void {
  history.pushState(('text' in query ? query : { picture: keep(query.image) }) satisfies Visit, '');
  void run(query);
}

function keep(image: Blob): string {
  // Unlike the names before a reload, which the history still knows.
  const name = `${performance.timeOrigin} ${pictures.size}`;
  pictures.set(name, image);
  return name;
}

function visited(): Query | undefined {
  const visit = history.state as Visit | null;
  if (visit === null || 'text' in visit) return visit ?? undefined;
  const image = pictures.get(visit.picture);
  return image === undefined ? undefined : { image };
}

async function run(query: Query): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  textInput.value = 'text' in query && !query.text.includes('\n') ? query.text : '';
  errorBox.hidden = true;
  const busy = setTimeout(() => {
    statusLine.textContent = 'Searching ...';
    results.setAttribute('aria-busy', 'true');
  }, PLACEHOLDER_AFTER_MS);
  try {
    const mode = modeSelect.value;
    const response = await search(query, { k: countInput.valueAsNumber || 24, index: indexSelect.value, mode }, controller.signal);
    show(query, response, controller.signal);
    if ('image' in query && mode !== '' && mode !== 'similarity') statusLine.textContent += ` · Pictures are ranked by similarity alone, so "${modeSelect.selectedOptions[0]?.text ?? mode}" was not applied${response.query.reading?.smiles ? ': search by the structure that was read' : ''}.`;
  } catch (thrown) {
    if (controller.signal.aborted) return;
    if (thrown instanceof ProblemError) fail(thrown.problem.title, thrown.problem.detail);
    else fail('The service does not answer', `${thrown instanceof Error ? thrown.message : String(thrown)}. Is it still running?`);
  } finally {
    clearTimeout(busy);
    if (running === controller) results.removeAttribute('aria-busy');
  }
}

function show(query: Query, response: SearchResponse, signal: AbortSignal): void {
  const { hits, tookMs, index } = response;
  shown = response;
  queryBox.replaceChildren(...('image' in query ? pictureCard(query.image, response, actions, signal) : queryCard(response)));
  queryBox.classList.toggle('by-picture', 'image' in query);
  hitList.replaceChildren(...hits.map((hit, rank) => hitCard(hit, rank, response, actions)));
  results.hidden = false;
  form.classList.add('answered');
  element('legend').hidden = hits.length === 0 || response.query.smiles === null;
  element('save').hidden = hits.length === 0;
  statusLine.textContent = hits.length === 0
    ? 'No candidate.'
    : `${hits.length} of ${index.count.toLocaleString('en')} molecules in ${tookMs.toFixed(0)} ms · ${index.name}@${index.generation}`;
}

function fail(title: string, detail: string): void {
  reset();
  element('error-title').textContent = title;
  element('error-detail').textContent = detail;
  errorBox.hidden = false;
}

function reset(): void {
  shown = undefined;
  form.classList.remove('answered');
  results.hidden = true;
  errorBox.hidden = true;
  statusLine.textContent = '';
  hitList.replaceChildren();
  queryBox.replaceChildren();
}

function flash(button: HTMLButtonElement, text: string): void {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => (button.textContent = before), 1200);
}

function save(text: string, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function describeService(): Promise<void> {
  const [libraries, { imageFormats, modalities, limits }] = await Promise.all([indexes(), capabilities()]);
  indexSelect.replaceChildren(...libraries.map(({ name, count }) => new Option(`${name} (${count.toLocaleString('en')})`, name)));
  element('choice').hidden = libraries.length < 2;
  const total = libraries.reduce((sum, { count }) => sum + count, 0);
  element('library').textContent = `${total.toLocaleString('en')} molecules${libraries.length === 1 ? '' : ` in ${libraries.length} libraries`}`;
  countInput.max = String(limits.maxK);
  imageInput.accept = imageFormats.map((format) => `image/${format}`).join(',');
  for (const part of document.querySelectorAll<HTMLElement>('.by-image')) part.hidden = !modalities.some(({ source }) => source === 'image');
}

void describeService().catch(() => fail('The service does not answer', 'The page is there but the service behind it is not. Is it still running?'));
const query = visited();
if (query !== undefined) void run(query);
