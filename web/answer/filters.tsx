/** Filters: applied by the service before it ranks, so that what is left is complete. */
import { useEffect, useState } from 'preact/hooks';
import type { Hit } from '../../src/api/index.ts';
import { NO_FILTERS, address, go } from '../shell/address.ts';
import type { Filters as FilterSet } from '../shell/address.ts';
import { answer } from './answer.ts';
import { Groups } from './groups.tsx';
import { PROPERTIES } from './words.ts';

function change(filters: Partial<FilterSet>): void {
  go({ filters: { ...address.peek().filters, ...filters } });
}

export function countFilters({ properties, require, forbid, ...rest }: FilterSet): number {
  return properties.length + require.length + forbid.length + Object.values(rest).filter((value) => value !== undefined && value !== false).length;
}

/** What the service takes in the mode `hop` where nothing is said. */
const HOP_DISTANCE = 0.3;

export function Filters() {
  const { filters, mode } = address.value;
  const hits = answer.value.state === 'answered' ? answer.value.response.hits : [];
  const flag = (name: 'noAlerts' | 'onePerScaffold' | 'differentScaffold' | 'excludeSelf', label: string) => (
    <label class="check"><input type="checkbox" checked={filters[name]} onChange={(event) => change({ [name]: event.currentTarget.checked })} /> {label}</label>
  );
  return (
    <section class="filters" aria-label="Filters">
      <div class="checks">
        {flag('noAlerts', 'No structural alerts')}
        {flag('onePerScaffold', 'One per scaffold')}
        {flag('differentScaffold', 'Other scaffolds only')}
        {flag('excludeSelf', 'Without the query')}
      </div>
      {PROPERTIES.map((property) => <Window key={property.key} property={property} hits={hits} />)}
      <Single label="Tanimoto at most" value={filters.maxTanimoto} usual={1} set={(maxTanimoto) => change({ maxTanimoto })} />
      <Single label="New part of the scaffold, at least" value={filters.scaffoldDistance} usual={mode === 'hop' ? HOP_DISTANCE : 0} set={(scaffoldDistance) => change({ scaffoldDistance })} />
      <Single label="Diversity" value={filters.diversity} usual={0} set={(diversity) => change({ diversity })} />
      <Groups label="Must not hold" name="forbid" chosen={filters.forbid} set={(forbid) => change({ forbid })} />
      <Groups label="Must hold" name="require" chosen={filters.require} set={(require) => change({ require })} />
      {countFilters(filters) > 0 && <button type="button" onClick={() => go({ filters: NO_FILTERS })}>Remove all filters</button>}
    </section>
  );
}

const BINS = 24;

interface Bounds { readonly low: number | undefined; readonly high: number | undefined }

/** A window such as mw=200..450, and how the hits spread over it. */
function Window({ property: { key, filter, label, unit, digits }, hits }: { readonly property: (typeof PROPERTIES)[number]; readonly hits: readonly Hit[] }) {
  const { filters } = address.value;
  const set = windowOf(filters.properties, filter);
  const values = hits.map(({ descriptors }) => descriptors[key] ?? 0);
  const bound = (value: number, up: boolean): number => Number((up ? Math.ceil(value * 10 ** digits) : Math.floor(value * 10 ** digits)).toFixed(0)) / 10 ** digits;
  const low = bound(Math.min(...values, set.low ?? Infinity, Number.isFinite(set.high) ? set.high! : Infinity), false);
  const high = bound(Math.max(...values, set.high ?? -Infinity, set.low ?? -Infinity), true);
  if (!Number.isFinite(low) || !Number.isFinite(high) || high <= low) return null;
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor(((value - low) / (high - low)) * BINS))]!++;
  const most = Math.max(...counts, 1);
  const step = digits === 0 ? 1 : digits === 1 ? 0.1 : 0.01;
  const apply = (next: Bounds): void => {
    const others = filters.properties.filter((text) => !text.startsWith(filter));
    const text = next.low === undefined && next.high === undefined ? [] : next.low === undefined ? [`${filter}<=${next.high}`] : next.high === undefined ? [`${filter}>=${next.low}`] : [`${filter}=${next.low}..${next.high}`];
    go({ filters: { ...filters, properties: [...others, ...text] } });
  };
  const name = `${label}${unit === '' ? '' : `, ${unit}`}`;
  return (
    <fieldset class="window">
      <legend>{label} <span class="quiet">{unit}</span></legend>
      <svg class="histogram" viewBox={`0 0 ${BINS} 10`} preserveAspectRatio="none" aria-hidden="true">
        {counts.map((count, i) => <rect key={i} x={i + 0.1} y={10 - (10 * count) / most} width={0.8} height={(10 * count) / most} />)}
      </svg>
      <div class="sliders">
        <Slider label={`${name}: at least`} value={set.low ?? low} low={low} high={high} step={step} set={(value) => apply({ ...set, low: value <= low ? undefined : value })} />
        <Slider label={`${name}: at most`} value={set.high ?? high} low={low} high={high} step={step} set={(value) => apply({ ...set, high: value >= high ? undefined : value })} />
      </div>
      <span class="range">{(set.low ?? low).toFixed(digits)} to {(set.high ?? high).toFixed(digits)}</span>
    </fieldset>
  );
}

function windowOf(windows: readonly string[], filter: string): Bounds {
  for (const text of windows) {
    const [, name, sign, first, second] = /^([a-z0-9]+)(<=|>=|=)(-?[\d.]+?)(?:\.\.(-?[\d.]+))?$/.exec(text) ?? [];
    if (name !== filter) continue;
    if (sign === '<=') return { low: undefined, high: Number(first) };
    if (sign === '>=') return { low: Number(first), high: undefined };
    return { low: Number(first), high: Number(second ?? first) };
  }
  return { low: undefined, high: undefined };
}

/** Told while it moves, asked when it stands. */
function Slider({ label, value, low, high, step, set }: { readonly label: string; readonly value: number; readonly low: number; readonly high: number; readonly step: number; readonly set: (value: number) => void }) {
  const [moved, setMoved] = useState(value);
  useEffect(() => setMoved(value), [value]);
  return <input type="range" aria-label={label} min={low} max={high} step={step} value={moved} onInput={(event) => setMoved(event.currentTarget.valueAsNumber)} onChange={(event) => set(event.currentTarget.valueAsNumber)} />;
}

function Single({ label, value, usual, set }: { readonly label: string; readonly value: number | undefined; readonly usual: number; readonly set: (value: number | undefined) => void }) {
  return (
    <label class="single">
      <span>{label}</span>
      <Slider label={label} value={value ?? usual} low={0} high={1} step={0.05} set={(next) => set(next === usual ? undefined : next)} />
      <span class="range">{(value ?? usual).toFixed(2)}</span>
    </label>
  );
}
