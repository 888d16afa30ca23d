/** The answer to what the address asks: fetched anew when the question changes, and ordered and narrowed here. */
import { batch, computed, effect, signal } from '@preact/signals';
import type { Hit, SearchResponse } from '../../src/api/index.ts';
import { pictureCalled } from '../picture/pictures.ts';
import { client, messageOf } from '../service/client.ts';
import type { SearchAsked } from '../service/client.ts';
import { address, go } from '../shell/address.ts';
import type { Address } from '../shell/address.ts';

export interface Failure {
  readonly title: string;
  readonly detail: string;
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Answer =
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly failure: Failure; readonly asked: string }
  | { readonly state: 'answered'; readonly response: SearchResponse; readonly asked: string; readonly picture: Blob | undefined };

export const answer = signal<Answer>({ state: 'none' });
/** A request is on its way; the answer before it stays on the screen. */
export const isSearching = signal(false);
/** The library has been built anew since the link was made. */
export const staleGeneration = signal<string | undefined>(undefined);
/** Hits chosen in a plot, by position in the answer; undefined: all. */
export const brushed = signal<ReadonlySet<number> | undefined>(undefined);

let running: AbortController | undefined;

/** Beyond so many, why a candidate is there is told of one that is opened. */
export const MOST_REASONED = 200;

export function questionOf({ text, mode, k, library, filters }: Address): SearchAsked {
  const { properties, require, forbid, noAlerts, onePerScaffold, differentScaffold, excludeSelf, maxTanimoto, scaffoldDistance, diversity } = filters;
  return {
    query: { text: text ?? '' },
    k,
    ...optionsOf({ mode, library }),
    ...(properties.length > 0 ? { properties: [...properties] } : {}),
    ...(require.length > 0 ? { require: [...require] } : {}),
    ...(forbid.length > 0 ? { forbid: [...forbid] } : {}),
    ...(noAlerts ? { noAlerts } : {}),
    ...(onePerScaffold ? { onePerScaffold } : {}),
    ...(differentScaffold ? { differentScaffold } : {}),
    ...(excludeSelf ? { excludeSelf } : {}),
    ...(maxTanimoto === undefined ? {} : { maxTanimoto }),
    ...(scaffoldDistance === undefined ? {} : { scaffoldDistance }),
    ...(diversity === undefined ? {} : { diversity }),
    ...(k > MOST_REASONED ? { reasons: 'none' as const } : {}),
  };
}

function optionsOf({ mode, library }: Pick<Address, 'mode' | 'library'>): Partial<SearchAsked> {
  return { ...(mode === 'default' ? {} : { mode }), ...(library === undefined ? {} : { index: library }) };
}

/** What a new search is needed for; how hits are shown is not part of it. */
const question = computed(() => {
  const { view, text, picture, mode, k, library, filters } = address.value;
  return view === 'search' && (text !== undefined || picture !== undefined) ? JSON.stringify({ text, picture, mode, k, library, filters }) : undefined;
});

/** Asks again where nothing has changed but the service. */
export const attempts = signal(0);

effect(() => {
  const asked = question.value;
  void attempts.value;
  if (asked === undefined) {
    if (address.value.view === 'search') {
      running?.abort();
      answer.value = { state: 'none' };
      isSearching.value = false;
    }
    return;
  }
  const current = answer.peek();
  if (current.state === 'answered' && current.asked === asked) return;
  void run(asked, address.peek());
});

async function run(asked: string, from: Address): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  isSearching.value = true;
  brushed.value = undefined;
  try {
    const { response, picture } = await respond(from, controller.signal);
    staleGeneration.value = from.generation !== undefined && from.generation !== response.index.generation ? from.generation : undefined;
    // The library is named in the address from now on: together, so that it is no new question.
    batch(() => {
      go({ generation: response.index.generation, library: response.index.name }, 'replace');
      answer.value = { state: 'answered', response, asked: question.peek() ?? asked, picture };
    });
  } catch (thrown) {
    if (controller.signal.aborted) return;
    answer.value = { state: 'failed', failure: messageOf(thrown), asked };
  } finally {
    if (running === controller) isSearching.value = false;
  }
}

async function respond(from: Address, signalled: AbortSignal): Promise<{ response: SearchResponse; picture: Blob | undefined }> {
  const asked = questionOf(from);
  if (from.picture === undefined) return { response: await client.search(asked, { signal: signalled }), picture: undefined };
  const picture = pictureCalled(from.picture);
  if (picture === undefined) throw new Error('A picture is no part of a link, and this page no longer holds it. Give it again, or ask with the structure that was read from it.');
  const { query: _, mode, reasons: __, ...options } = asked;
  // Filters that compare with the query need what was read: the picture is then searched by its reading.
  return { response: await client.searchByImage(picture, { ...options, ...(mode === undefined ? {} : { mode }) }, { signal: signalled }), picture };
}

export interface ShownHit {
  readonly hit: Hit;
  /** Rank in the answer, from 0. */
  readonly rank: number;
}

export const SORTS: Readonly<Record<string, { readonly label: string; readonly value: (hit: Hit) => number }>> = {
  score: { label: 'Rank', value: () => 0 },
  tanimoto: { label: 'Tanimoto, low first', value: ({ tanimoto }) => tanimoto ?? 2 },
  cosine: { label: 'Embedding similarity', value: ({ cosine }) => -cosine },
  molecularWeight: { label: 'MW, low first', value: ({ descriptors }) => descriptors['molecularWeight'] ?? 0 },
  logP: { label: 'logP, low first', value: ({ descriptors }) => descriptors['logP'] ?? 0 },
  tpsa: { label: 'TPSA, low first', value: ({ descriptors }) => descriptors['tpsa'] ?? 0 },
  alerts: { label: 'Fewest alerts', value: ({ alerts }) => alerts.length },
};

/** What is shown, in order. */
export const shown = computed((): readonly ShownHit[] => {
  const current = answer.value;
  if (current.state !== 'answered') return [];
  const hits = current.response.hits.map((hit, rank) => ({ hit, rank }));
  const chosen = brushed.value;
  const kept = chosen === undefined ? hits : hits.filter(({ rank }) => chosen.has(rank));
  const sort = SORTS[address.value.sort];
  if (sort === undefined || address.value.sort === 'score') return kept;
  return kept.sort((a, b) => sort.value(a.hit) - sort.value(b.hit) || a.rank - b.rank);
});

/** What hits are drawn beside: the molecule that was searched. */
export function queryOf(): string | undefined {
  const current = answer.value;
  return current.state === 'answered' ? current.response.query.smiles ?? undefined : undefined;
}
