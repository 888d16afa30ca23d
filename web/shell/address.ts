/**
 * The address of an answer: everything that decides it stands behind the #, which no browser sends to any server, so that a link
 * gives a structure only to whom it is given.
 */
import { signal } from '@preact/signals';

export const MODES = ['default', 'hop', 'replace', 'similarity', 'tanimoto'] as const;
export type Mode = (typeof MODES)[number];
export const SHOWS = ['grid', 'table', 'plane', 'map'] as const;
export type Show = (typeof SHOWS)[number];
export const VIEWS = ['search', 'basket', 'batch', 'library', 'api'] as const;
export type View = (typeof VIEWS)[number];

export interface Filters {
  /** Windows as the service takes them: mw=200..450. */
  readonly properties: readonly string[];
  readonly require: readonly string[];
  readonly forbid: readonly string[];
  readonly noAlerts: boolean;
  readonly onePerScaffold: boolean;
  readonly differentScaffold: boolean;
  readonly excludeSelf: boolean;
  readonly maxTanimoto: number | undefined;
  /** Least share of the scaffold that is new. */
  readonly scaffoldDistance: number | undefined;
  readonly diversity: number | undefined;
}

export interface Address {
  readonly view: View;
  /** What was typed. */
  readonly text: string | undefined;
  /** Name of a picture that this browser holds. */
  readonly picture: string | undefined;
  readonly mode: Mode;
  readonly k: number;
  readonly library: string | undefined;
  /** Of the library, when the link was made. */
  readonly generation: string | undefined;
  readonly filters: Filters;
  readonly sort: string;
  readonly show: Show;
  /** Atoms of the query's parent whose replacements are shown. */
  readonly group: readonly number[];
  /** A job, where the view is batch. */
  readonly job: string | undefined;
  /** An operation of the reference, where the view is api. */
  readonly operation: string | undefined;
}

export const NO_FILTERS: Filters = {
  properties: [], require: [], forbid: [], noAlerts: false, onePerScaffold: false, differentScaffold: false, excludeSelf: false, maxTanimoto: undefined, scaffoldDistance: undefined, diversity: undefined,
};
export const DEFAULT_K = 48;

const EMPTY: Address = {
  view: 'search', text: undefined, picture: undefined, mode: 'default', k: DEFAULT_K, library: undefined, generation: undefined, filters: NO_FILTERS, sort: 'score', show: 'grid', group: [], job: undefined,
  operation: undefined,
};

export function parseAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const from = new URLSearchParams(query);
  const oneOf = <Value extends string>(known: readonly Value[], value: string | null, other: Value): Value => known.find((one) => one === value) ?? other;
  const number = (name: string): number | undefined => {
    const value = Number(from.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  return {
    view: oneOf(VIEWS, path, 'search'),
    text: from.get('q') ?? undefined,
    picture: from.get('picture') ?? undefined,
    mode: oneOf(MODES, from.get('mode'), 'default'),
    k: Math.max(1, Math.round(number('k') ?? DEFAULT_K)),
    library: from.get('in') ?? undefined,
    generation: from.get('generation') ?? undefined,
    filters: {
      properties: from.getAll('only'), require: from.getAll('with'), forbid: from.getAll('without'), noAlerts: from.has('noAlerts'), onePerScaffold: from.has('onePerScaffold'),
      differentScaffold: from.has('otherScaffold'), excludeSelf: from.has('withoutQuery'), maxTanimoto: number('maxTanimoto'), scaffoldDistance: number('scaffoldDistance'), diversity: number('diversity'),
    },
    sort: from.get('sort') ?? 'score',
    show: oneOf(SHOWS, from.get('show'), 'grid'),
    group: (from.get('group') ?? '').split('.').filter((part) => part !== '').map(Number).filter((atom) => Number.isInteger(atom) && atom >= 0),
    job: from.get('job') ?? undefined,
    operation: from.get('operation') ?? undefined,
  };
}

export function formatAddress(address: Address): string {
  const to = new URLSearchParams();
  const put = (name: string, value: string | number | undefined, usual?: string | number): void => {
    if (value !== undefined && value !== usual) to.append(name, String(value));
  };
  const { filters } = address;
  put('q', address.text);
  put('picture', address.picture);
  put('mode', address.mode, 'default');
  put('k', address.k, DEFAULT_K);
  put('in', address.library);
  for (const window of filters.properties) put('only', window);
  for (const group of filters.require) put('with', group);
  for (const group of filters.forbid) put('without', group);
  for (const [name, isSet] of [['noAlerts', filters.noAlerts], ['onePerScaffold', filters.onePerScaffold], ['otherScaffold', filters.differentScaffold], ['withoutQuery', filters.excludeSelf]] as const) if (isSet) to.append(name, '1');
  put('maxTanimoto', filters.maxTanimoto);
  put('scaffoldDistance', filters.scaffoldDistance);
  put('diversity', filters.diversity);
  put('sort', address.sort, 'score');
  put('show', address.show, 'grid');
  put('group', address.group.length === 0 ? undefined : address.group.join('.'));
  put('generation', address.generation);
  if (address.view === 'batch') put('job', address.job);
  if (address.view === 'api') put('operation', address.operation);
  const query = to.toString();
  return `#/${address.view}${query === '' ? '' : `?${query}`}`;
}

export const address = signal<Address>(parseAddress(location.hash));

/** An entry of the history; `replace` for what nobody wants to go back over. */
export function go(change: Partial<Address>, how: 'push' | 'replace' = 'push'): void {
  const next = { ...address.value, ...change };
  const hash = formatAddress(next);
  if (hash !== location.hash) history[how === 'push' ? 'pushState' : 'replaceState'](null, '', hash);
  address.value = next;
}

/** A new question: what belonged to the last one goes, what was chosen for all stays. */
export function ask(question: { text: string } | { picture: string }, change: Partial<Address> = {}): void {
  const { library, mode, k, filters, show } = address.value;
  go({ ...EMPTY, library, mode, k, filters, show, ...question, ...change });
}

addEventListener('popstate', () => (address.value = parseAddress(location.hash)));
