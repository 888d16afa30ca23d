/**
 * A pool that is hard to tell from what was drawn: of each drawn molecule the nearest relatives (Tanimoto of ECFP4) that any
 * library holds, with another skeleton (first block of the InChIKey of the parent).
 */
import { ECFP4, setBits } from '../chem/index.ts';
import type { BitColumn, ChemPool } from '../chem/index.ts';
import type { Progress } from '../core/index.ts';
import { readLibrary } from '../ingest/index.ts';
import { checkSignal } from './define.ts';
import type { EvaluationServices } from './define.ts';

export interface HardPoolOptions extends EvaluationServices {
  /** SMILES of what is drawn. */
  readonly labels: readonly string[];
  /** Library files, in which relatives are looked for. */
  readonly sources: readonly string[];
  /** Relatives of each label (default 50). */
  readonly relatives?: number | undefined;
}

export interface Relative {
  /** As it stands in its source. */
  readonly smiles: string;
  readonly parentSmiles: string;
  /** First block of the InChIKey. */
  readonly connectivityKey: string;
  readonly tanimoto: number;
}

export interface HardPool {
  /** Of each label, the nearest first; none of a label that cannot be read. */
  readonly relatives: readonly (readonly Relative[])[];
  readonly counts: {
    /** Distinct SMILES of the sources. */
    readonly sources: number;
    /** Those that have a fingerprint. */
    readonly fingerprints: number;
    /** Distinct skeletons among the relatives. */
    readonly skeletons: number;
    readonly unreadableLabels: number;
    /** Labels with fewer relatives than were wanted. */
    readonly short: number;
  };
}

const RELATIVES = 50;
/** Looked at beyond what is wanted: some are the label itself, or each other, as another salt, isomer or tautomer. */
const SPARE = 1.3;
const BATCH = 4096;

export async function hardPool(options: HardPoolOptions): Promise<HardPool> {
  const { labels, chem, progress, signal } = options;
  const wanted = options.relatives ?? RELATIVES;
  const smiles = await readSources(options.sources);
  const index = await indexBits(smiles, chem, progress, signal);
  const own = await identities(labels, chem, progress, signal);
  const near = await nearestOf(own.map((one) => one?.parentSmiles), index, Math.ceil(wanted * SPARE) + 2, options);
  const candidates = [...new Set(near.flatMap((list) => list.map(({ row }) => row)))];
  const known = await identities(candidates.map((row) => smiles[row]!), chem, progress, signal);
  const identityOf = new Map(candidates.map((row, i) => [row, known[i]]));
  const relatives = near.map((list, label) => {
    const seen = new Set([own[label]?.connectivityKey]);
    const distinct = list.flatMap(({ row, tanimoto }): Relative[] => {
      const identity = identityOf.get(row);
      if (identity === undefined || seen.has(identity.connectivityKey)) return [];
      seen.add(identity.connectivityKey);
      return [{ smiles: smiles[row]!, ...identity, tanimoto }];
    });
    return distinct.slice(0, wanted);
  });
  return {
    relatives,
    counts: {
      sources: smiles.length,
      fingerprints: index.count,
      skeletons: new Set(relatives.flatMap((list) => list.map(({ connectivityKey }) => connectivityKey))).size,
      unreadableLabels: own.filter((one) => one === undefined).length,
      short: relatives.filter((list) => list.length < wanted).length,
    },
  };
}

async function readSources(paths: readonly string[]): Promise<string[]> {
  const smiles = new Set<string>();
  for (const path of paths) {
    for await (const item of readLibrary({ path })) if (item.kind === 'record') smiles.add(item.structure);
  }
  return [...smiles];
}

interface Identity {
  readonly parentSmiles: string;
  readonly connectivityKey: string;
}

async function identities(smiles: readonly string[], chem: ChemPool, progress: Progress, signal: AbortSignal | undefined): Promise<(Identity | undefined)[]> {
  const found = new Array<Identity | undefined>(smiles.length).fill(undefined);
  progress.start('standardising', smiles.length);
  for (let from = 0; from < smiles.length; from += BATCH) {
    checkSignal(signal);
    const batch = await chem.featurise(smiles.slice(from, from + BATCH), {});
    batch.molecules.forEach(({ parentSmiles, connectivityKey }, r) => {
      found[from + batch.rows[r]!] = { parentSmiles, connectivityKey };
    });
    progress.update(Math.min(smiles.length, from + BATCH));
  }
  progress.finish(`${found.filter((one) => one !== undefined).length} of ${smiles.length}`);
  return found;
}

/** Molecules by the bits that they have: a query meets only what shares some with it. */
interface BitIndex {
  /** Molecules that have a fingerprint. */
  readonly count: number;
  /** (bits) Rows of the molecules with this bit. */
  readonly postings: readonly Uint32Array[];
  /** (rows) Bits set; 0 for what could not be read. */
  readonly sizes: Uint16Array;
}

async function indexBits(smiles: readonly string[], chem: ChemPool, progress: Progress, signal: AbortSignal | undefined): Promise<BitIndex> {
  const rows: number[][] = Array.from({ length: ECFP4.bits }, () => []);
  const sizes = new Uint16Array(smiles.length);
  let count = 0;
  progress.start('fingerprints', smiles.length);
  for (let from = 0; from < smiles.length; from += BATCH) {
    checkSignal(signal);
    const batch = await chem.fingerprint(smiles.slice(from, from + BATCH), ECFP4);
    batch.rows.forEach((index, r) => {
      const bits = bitsOf(batch.bits, r);
      sizes[from + index] = bits.length;
      for (const bit of bits) rows[bit]!.push(from + index);
    });
    count += batch.rows.length;
    progress.update(Math.min(smiles.length, from + BATCH));
  }
  progress.finish(`${count} of ${smiles.length}`);
  return { count, postings: rows.map((list) => Uint32Array.from(list)), sizes };
}

function bitsOf({ data, bytes }: BitColumn, row: number): number[] {
  return setBits(data.subarray(row * bytes, (row + 1) * bytes));
}

interface Near {
  readonly row: number;
  readonly tanimoto: number;
}

async function nearestOf(parents: readonly (string | undefined)[], index: BitIndex, count: number, { chem, progress, signal }: HardPoolOptions): Promise<Near[][]> {
  const near: Near[][] = parents.map(() => []);
  const readable = Array.from(parents.keys()).filter((label) => parents[label] !== undefined);
  const batch = await chem.fingerprint(readable.map((label) => parents[label]!), ECFP4);
  const shared = new Uint16Array(index.sizes.length);
  progress.start('relatives', batch.rows.length);
  for (let r = 0; r < batch.rows.length; r++) {
    checkSignal(signal);
    near[readable[batch.rows[r]!]!] = nearest(bitsOf(batch.bits, r), index, count, shared);
    progress.update(r + 1);
  }
  progress.finish(String(batch.rows.length));
  return near;
}

/** The `count` nearest, ties in the order of the sources. `shared`: (rows), for the counts of common bits. */
function nearest(bits: readonly number[], { postings, sizes }: BitIndex, count: number, shared: Uint16Array): Near[] {
  shared.fill(0);
  for (const bit of bits) for (const row of postings[bit]!) shared[row]!++;
  let best: Near[] = [];
  let least = 0;
  for (let row = 0; row < sizes.length; row++) {
    const both = shared[row]!;
    if (both === 0) continue;
    const tanimoto = both / (bits.length + sizes[row]! - both);
    if (tanimoto <= least) continue;
    best.push({ row, tanimoto });
    if (best.length < 4 * count) continue;
    best = best.sort(byTanimoto).slice(0, count);
    least = best.at(-1)!.tanimoto;
  }
  return best.sort(byTanimoto).slice(0, count);
}

function byTanimoto(a: Near, b: Near): number {
  return b.tanimoto - a.tanimoto || a.row - b.row;
}
