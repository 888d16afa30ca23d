/** Filters over the columns of a library: what may be shown at all, with how many are left after each. */
import { Bitset } from '../ann/index.ts';
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { DescriptorName } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { Library } from './library.ts';

/** Names that chemists type, and the column that they mean. */
const PROPERTY_NAMES: Readonly<Record<string, DescriptorName>> = {
  mw: 'molecularWeight', logp: 'logP', tpsa: 'tpsa', hbd: 'hBondDonors', hba: 'hBondAcceptors', rotb: 'rotatableBonds', rings: 'rings', arom: 'aromaticRings',
  fsp3: 'fractionCsp3', heavy: 'heavyAtoms', stereo: 'stereoCentres', charge: 'charge',
};

/** One window: absolute bounds, or a distance from the query's own value. */
export interface PropertyWindow {
  readonly text: string;
  readonly property: DescriptorName;
  readonly low: number;
  readonly high: number;
  readonly isRelative: boolean;
}

export interface SearchFilters {
  /** `mw<=450`, `logp>=1`, `tpsa=40..90`, `mw~50` (within 50 of the query). */
  readonly properties?: readonly string[] | undefined;
  /** SMARTS that a candidate must hold, or must not. */
  readonly require?: readonly string[] | undefined;
  readonly forbid?: readonly string[] | undefined;
  /** Largest ECFP4 Tanimoto to the query. */
  readonly maxTanimoto?: number | undefined;
  /** Only Murcko scaffolds other than the query's. */
  readonly differentScaffold?: boolean | undefined;
  /** Only the best of each Murcko scaffold. */
  readonly onePerScaffold?: boolean | undefined;
  /** Only candidates without structural alerts. */
  readonly noAlerts?: boolean | undefined;
  /** 0 ranks by the score alone, towards 1 ever more by being unlike those before (maximal marginal relevance). */
  readonly diversity?: number | undefined;
  /** Identifiers: only these are ranked. */
  readonly among?: readonly string[] | undefined;
  /** Identifiers, InChIKeys or names not to show. */
  readonly exclude?: readonly string[] | undefined;
}

/** What a filter left. */
export interface FilterStep {
  readonly filter: string;
  readonly remaining: number;
}

const WINDOW = /^\s*([a-z0-9]+)\s*(<=|>=|<|>|=|~)\s*(-?\d+(?:\.\d+)?)(?:\s*\.\.\s*(-?\d+(?:\.\d+)?))?\s*$/i;

/** Reads one window; throws ARGUMENT_INVALID with the form that is expected. */
export function parseWindow(text: string): PropertyWindow {
  const [, name = '', sign = '', first = '', second] = WINDOW.exec(text) ?? [];
  const property = PROPERTY_NAMES[name.toLowerCase()] ?? DESCRIPTOR_NAMES.find((known) => known.toLowerCase() === name.toLowerCase());
  if (property === undefined || (second !== undefined && sign !== '=')) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a filter such as mw<=450, tpsa=40..90 or logp~1 (within 1 of the query) over ${Object.keys(PROPERTY_NAMES).join(', ')} but received ${JSON.stringify(text)}.`);
  }
  const value = Number(first);
  // Equal is neither above nor below, whatever the rounding.
  const [above, below] = [sign === '>' ? value + rounding(value) : value - rounding(value), sign === '<' ? value - rounding(value) : value + rounding(value)];
  const [low, high] = sign === '~' ? [-Math.abs(value) - rounding(value), Math.abs(value) + rounding(value)]
    : sign === '=' ? [value - rounding(value), Number(second ?? first) + rounding(Number(second ?? first))]
    : sign.startsWith('<') ? [-Infinity, below] : [above, Infinity];
  return { text: text.trim(), property, low, high, isRelative: sign === '~' };
}

/** Columns are stored in 32 bits: 450.1 there is not quite 450.1 here. */
function rounding(value: number): number {
  return 1e-6 * Math.max(1, Math.abs(value));
}

/** What the filters need to know of the query; undefined for one that is no molecule. */
export interface FilterQuery {
  /** Row in the library's profiles. */
  readonly row: number;
}

export interface ListedRows {
  readonly excluded: Iterable<number>;
  /** undefined: all. */
  readonly only: ReadonlySet<number> | undefined;
}

/** Rows that may be shown; undefined where all may. `steps` grows with each filter. */
export function applyFilters(library: Library, filters: SearchFilters, query: FilterQuery | undefined, { excluded, only }: ListedRows, steps: FilterStep[]): Bitset | undefined {
  const { profiles } = library;
  let allowed: Uint8Array | undefined;
  const keep = (filter: string, passes: (row: number) => boolean): void => {
    const before = allowed ?? new Uint8Array(profiles.count).fill(1);
    let remaining = 0;
    for (let row = 0; row < before.length; row++) {
      if (before[row] === 1 && !passes(row)) before[row] = 0;
      remaining += before[row]!;
    }
    allowed = before;
    steps.push({ filter, remaining });
  };
  const asked = (what: string): number => {
    if (query !== undefined) return query.row;
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a molecule as the query for ${what} but received a picture that is compared as a whole; leave it out, or search by what is read of it.`);
  };
  if (only !== undefined) keep(`among ${only.size}`, (row) => only.has(row));
  for (const window of (filters.properties ?? []).map(parseWindow)) {
    const own = window.isRelative ? library.descriptor(asked(`the filter ${window.text}`), window.property) : 0;
    keep(window.text, (row) => {
      const value = library.descriptor(row, window.property) - own;
      return value >= window.low && value <= window.high;
    });
  }
  if (filters.noAlerts === true) keep('no alerts', (row) => !library.hasAlerts(row));
  if (filters.differentScaffold === true) {
    const row = asked('other scaffolds');
    keep('different scaffold', (other) => !profiles.sameScaffold(row, other));
  }
  if (filters.maxTanimoto !== undefined) {
    const row = asked('a largest Tanimoto');
    const limit = filters.maxTanimoto;
    keep(`Tanimoto at most ${limit}`, (other) => profiles.ecfp4Tanimoto(row, other) <= limit);
  }
  const left = new Set(excluded);
  if (left.size > 0) keep(`exclude ${left.size}`, (row) => !left.has(row));
  if (allowed === undefined) return undefined;
  const { length } = allowed;
  const bits = new Bitset(length);
  for (let row = 0; row < length; row++) if (allowed[row] === 1) bits.add(row);
  return bits;
}
