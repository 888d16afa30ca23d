import { exactOver } from '../ann/index.ts';
import type { VectorIndex } from '../ann/index.ts';
import { openBundle } from '../bundle/index.ts';
import type { Bundle, BundleManifest } from '../bundle/index.ts';
import { STANDARDISER_VERSION, tanimoto } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError, l2Normalise, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { InferenceOptions } from '../inference/index.ts';
import type { MoleculeStore, StoredMolecule } from '../store/index.ts';
import type { SearchHit, SearchOptions, SearchOutcome, SearchQuery, SearchResult } from './define.ts';
import { percentileScale } from './percentile.ts';
import { Towers } from './towers.ts';
import type { Embedded } from './towers.ts';
import { warningText } from './warnings.ts';

const ECFP4_BYTES = 256;
const INCHI_KEY = /^[A-Z]{14}-[A-Z]{10}-[A-Z]$/;

export interface SearchDependencies {
  readonly chem: ChemPool;
  readonly inference?: InferenceOptions;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What is known of a query once it is embedded. */
interface Prepared {
  readonly vector: Float32Array;
  readonly tower: string;
  readonly query: SearchResult['query'];
  readonly molecule: { readonly ecfp4: Uint8Array; readonly scaffold: string | Promise<string | null>; readonly inchiKey: string } | null;
}

/** What hits are compared with. */
interface Comparison {
  readonly ecfp4: Uint8Array;
  readonly scaffold: string | null;
}

/** Answers questions from one open bundle. */
export class SearchEngine {
  private readonly bundle: Bundle;
  private readonly towers: Towers;
  private readonly now: () => number;
  private exactIndex: VectorIndex | undefined;

  private constructor(bundle: Bundle, towers: Towers, now: () => number) {
    this.bundle = bundle;
    this.towers = towers;
    this.now = now;
  }

  /** Opens and verifies a bundle and its encoders. The chemistry pool stays the caller's. */
  static async open(root: string, name: string, { chem, inference, now }: SearchDependencies): Promise<SearchEngine> {
    const bundle = await openBundle(root, name);
    try {
      const made = bundle.manifest.chemistry['standardiser'];
      if (made !== STANDARDISER_VERSION) {
        throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a bundle made with standardiser ${STANDARDISER_VERSION} but "${name}" was made with ${made ?? 'an unknown one'}; build it again.`);
      }
      return new SearchEngine(bundle, await Towers.open(bundle, chem, inference ?? {}), now);
    } catch (error) {
      bundle.close();
      throw error;
    }
  }

  get manifest(): BundleManifest {
    return this.bundle.manifest;
  }

  get molecules(): MoleculeStore {
    return this.bundle.molecules;
  }

  /** Ids of the modalities that can be asked. */
  get modalities(): string[] {
    return this.towers.modalities;
  }

  async search(query: SearchQuery, options: SearchOptions): Promise<SearchResult> {
    const started = this.now();
    return this.answer(await this.prepare(query), options, started);
  }

  /** Many molecules at once (SMILES or molfiles); a bad one fails alone. */
  async searchMany(inputs: readonly string[], options: SearchOptions): Promise<SearchOutcome[]> {
    const started = this.now();
    const embedded = await this.towers.molecules(inputs, false);
    const outcomes = new Array<SearchOutcome>(inputs.length);
    for (const error of embedded.errors) outcomes[error.index] = { ok: false, error };
    for (const [row, index] of embedded.rows.entries()) {
      outcomes[index] = { ok: true, result: await this.answer(this.fromMolecule(inputs[index]!, embedded, row), options, started) };
    }
    return outcomes;
  }

  /**
   * Embeddings of SMILES or image files. `tower` is a modality's id, a tower's name, or `molecule` / `image`.
   */
  async embed(tower: string, items: readonly (string | Uint8Array)[]): Promise<Embedded> {
    const embedded = await this.towers.items(this.towers.resolve(tower), items, false);
    l2Normalise(embedded.vectors);
    return embedded;
  }

  /** What the items of a tower are. */
  sourceOf(tower: string): ReturnType<Towers['sourceOf']> {
    return this.towers.sourceOf(tower);
  }

  /** Nearest rows of a vector that was embedded before. */
  nearest(vector: Float32Array, options: SearchOptions): ReturnType<VectorIndex['search']> {
    return this.index(options.exact === true).search(vector, options.k, { efSearch: options.efSearch });
  }

  /** Share of the exact k nearest rows that the index finds with its default settings, over these queries. */
  recall(queries: Matrix, k: number): number {
    let found = 0;
    let wanted = 0;
    for (let q = 0; q < queries.rows; q++) {
      const vector = rowOf(queries, q);
      const expected = new Set(this.nearest(vector, { k, exact: true }).labels);
      wanted += expected.size;
      for (const label of this.nearest(vector, { k }).labels) if (expected.has(label)) found++;
    }
    return wanted === 0 ? 1 : found / wanted;
  }

  /** A molecule by identifier; NOT_FOUND where none has it. */
  molecule(id: string): StoredMolecule {
    const found = this.bundle.molecules.findId(id);
    if (found !== undefined) return found;
    throw new IsoLensError('NOT_FOUND', `Expected the identifier of a molecule in "${this.manifest.name}" but received ${JSON.stringify(id)}.`);
  }

  async close(): Promise<void> {
    await this.towers.close();
    this.bundle.close();
  }

  private async prepare(query: SearchQuery): Promise<Prepared> {
    if (query.kind === 'image') return this.fromImage(query.bytes);
    if (query.kind === 'id') return this.fromStored(this.molecule(query.id), query.id);
    const text = query.kind === 'text' ? query.text : query.smiles;
    const stored = query.kind === 'text' ? this.lookUp(query.text.trim()) : undefined;
    if (stored !== undefined) return this.fromStored(stored, text);
    const embedded = await this.towers.molecules([text], true);
    const [error] = embedded.errors;
    if (error !== undefined) throw new IsoLensError(error.code, error.message, { details: error.details });
    return this.fromMolecule(text, embedded, 0);
  }

  /** Identifier before InChIKey before name; what is none of them is taken for a SMILES. */
  private lookUp(text: string): StoredMolecule | undefined {
    const { molecules } = this.bundle;
    return molecules.findId(text) ?? (INCHI_KEY.test(text) ? molecules.findInchiKey(text) : undefined) ?? molecules.findName(text, 1)[0];
  }

  private fromStored(stored: StoredMolecule, input: string): Prepared {
    const { smiles, inchiKey, ecfp4, scaffold } = stored;
    return {
      vector: rowOf(this.bundle.vectors, stored.row),
      tower: this.towers.gallery,
      query: { kind: 'id', smiles, input, inchiKey, removed: [], warnings: [] },
      molecule: { ecfp4, scaffold, inchiKey },
    };
  }

  private fromMolecule(input: string, embedded: Awaited<ReturnType<Towers['molecules']>>, row: number): Prepared {
    const { parentSmiles, inchiKey, removedFragments, warnings } = embedded.molecules[row]!;
    return {
      vector: rowOf(embedded.vectors, row),
      tower: this.towers.gallery,
      query: { kind: 'smiles', smiles: parentSmiles, input, inchiKey, removed: [...removedFragments], warnings: warnings.map(warningText) },
      molecule: { ecfp4: embedded.ecfp4.subarray(row * ECFP4_BYTES, (row + 1) * ECFP4_BYTES), scaffold: embedded.scaffolds.then((scaffolds) => scaffolds[row] ?? null), inchiKey },
    };
  }

  private async fromImage(bytes: Uint8Array): Promise<Prepared> {
    const tower = this.towers.resolve('image');
    const { vectors, errors } = await this.towers.items(tower, [bytes], true);
    const [error] = errors;
    if (error !== undefined) throw new IsoLensError(error.code, error.message, { details: error.details });
    return { vector: rowOf(vectors, 0), tower, query: { kind: 'image', smiles: null, input: null, inchiKey: null, removed: [], warnings: [] }, molecule: null };
  }

  private async answer({ vector, tower, query, molecule }: Prepared, options: SearchOptions, started: number): Promise<SearchResult> {
    const { name, generation, count, backgrounds } = this.manifest;
    const self = options.excludeSelf === true ? molecule?.inchiKey : undefined;
    const { labels, scores } = this.nearest(vector, self === undefined ? options : { ...options, k: options.k + 1 });
    const percentile = percentileScale(backgrounds[tower], vector, this.bundle.vectors);
    const kept: [StoredMolecule, number][] = [];
    labels.forEach((label, i) => {
      const score = scores[i]!;
      if (kept.length >= options.k || score < (options.minScore ?? -Infinity)) return;
      const stored = this.bundle.molecules.get(label);
      if (stored.inchiKey !== self) kept.push([stored, score]);
    });
    const comparison = molecule === null ? null : { ecfp4: molecule.ecfp4, scaffold: await molecule.scaffold };
    const hits = kept.map(([stored, score]) => toHit(stored, score, percentile(score), comparison));
    return { query, index: { name, generation, count }, hits, tookMs: this.now() - started };
  }

  private index(exact: boolean): VectorIndex {
    if (!exact) return this.bundle.index;
    return (this.exactIndex ??= exactOver(this.bundle.vectors));
  }
}

function toHit(stored: StoredMolecule, score: number, percentile: number, query: Comparison | null): SearchHit {
  const { ids, smiles, names, inchiKey, ecfp4, scaffold, properties } = stored;
  return {
    id: ids[0]!, smiles, names: [...names], inchiKey, score, percentile: Number(percentile.toFixed(4)),
    tanimoto: query === null ? null : tanimoto(query.ecfp4, ecfp4),
    // Two molecules without a ring have no scaffold to share.
    sameScaffold: query === null || query.scaffold === null ? null : scaffold !== '' && scaffold === query.scaffold,
    properties: { ...properties },
  };
}
