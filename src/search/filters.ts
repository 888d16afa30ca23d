/** Filters over the columns of a library: what may be shown at all, with how many are left after each. */
import { DESCRIPTOR_NAMES } from '../chem/index.ts';
import type { DescriptorName } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import type { ProfileQuery } from '../score/index.ts';
import type { RowFilter } from './scan/define.ts';

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
  /** Only scaffolds of which at least this share is new by its shape, 0 to 1 (`ChemPool.scaffoldDistance`); in the mode `hop` three tenths where it is absent. */
  readonly scaffoldDistance?: number | undefined;
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

export interface ListedRows {
  readonly excluded: Iterable<number>;
  /** undefined: all. */
  readonly only: ReadonlySet<number> | undefined;
}

/** A filter as it is told of, and as the scan carries it out. */
export interface NamedFilter {
  readonly name: string;
  readonly filter: RowFilter;
}

/** What is asked for, in the order in which it is told. `query`: undefined for one that is no molecule. */
export function filtersOf(filters: SearchFilters, query: ProfileQuery | undefined, { excluded, only }: ListedRows): NamedFilter[] {
  const named: NamedFilter[] = [];
  const keep = (name: string, filter: RowFilter): void => void named.push({ name, filter });
  const asked = (what: string): ProfileQuery => {
    if (query !== undefined) return query;
    throw new IsoLensError('ARGUMENT_INVALID', `Expected a molecule as the query for ${what} but received a picture that is compared as a whole; leave it out, or search by what is read of it.`);
  };
  if (only !== undefined) keep(`among ${only.size}`, { kind: 'only', rows: Int32Array.from(only) });
  for (const { text, property, low, high, isRelative } of (filters.properties ?? []).map(parseWindow)) {
    const column = DESCRIPTOR_NAMES.indexOf(property);
    keep(text, { kind: 'window', column, own: isRelative ? asked(`the filter ${text}`).descriptors[column]! : 0, low, high });
  }
  if (filters.noAlerts === true) keep('no alerts', { kind: 'noAlerts' });
  if (filters.differentScaffold === true) keep('different scaffold', { kind: 'otherScaffold', scaffold: asked('other scaffolds').scaffold });
  if (filters.maxTanimoto !== undefined) keep(`Tanimoto at most ${filters.maxTanimoto}`, { kind: 'unlike', query: asked('a largest Tanimoto'), limit: filters.maxTanimoto });
  const left = new Set(excluded);
  if (left.size > 0) keep(`exclude ${left.size}`, { kind: 'exclude', rows: Int32Array.from(left) });
  return named;
}
