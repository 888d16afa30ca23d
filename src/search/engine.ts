import { exactOver } from '../ann/index.ts';
import type { VectorIndex } from '../ann/index.ts';
import { openBundle } from '../bundle/index.ts';
import type { Bundle, BundleManifest } from '../bundle/index.ts';
import { STANDARDISER_VERSION } from '../chem/index.ts';
import type { ChemPool, Comparison } from '../chem/index.ts';
import { IsoLensError, l2Normalise, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { InferenceOptions } from '../inference/index.ts';
import { PROFILE_VERSION, probabilityOf, readScore } from '../score/index.ts';
import type { EvidenceSource, Profile } from '../score/index.ts';
import type { MoleculeStore, StoredMolecule } from '../store/index.ts';
import type { Candidate } from './candidates.ts';
import type { SearchHit, SearchMode, SearchOptions, SearchOutcome, SearchQuery, SearchResult } from './define.ts';
import { percentileScale } from './percentile.ts';
import type { PercentileScale } from './percentile.ts';
import { Ranking } from './ranking.ts';
import type { Ranked } from './ranking.ts';
import { comparisonOf, reasonOf } from './reasons.ts';
import { Towers } from './towers.ts';
import type { Embedded } from './towers.ts';
import { warningText } from './warnings.ts';

/** With the prefix that some programs write before it, and in any case. */
const INCHI_KEY = /^(?:InChIKey=)?([A-Z]{14}-[A-Z]{10}-[A-Z])$/i;

export interface SearchDependencies {
  readonly chem: ChemPool;
  readonly inference?: InferenceOptions;
  /** Time for the reasons of an answer, in milliseconds (default 1,500); what is not compared by then stays without. */
  readonly compareTimeoutMs?: number;
  /** What measured activities say of changes, where they were mined. */
  readonly evidence?: EvidenceSource | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What is known of a query once it is embedded. */
interface Prepared {
  readonly vector: Float32Array;
  readonly tower: string;
  readonly query: SearchResult['query'];
  /** Of a molecule that was given; one of the library is its row. */
  readonly profile: Profile | undefined;
  readonly stored: number | undefined;
}

/** Answers questions from one open bundle. */
export class SearchEngine {
  private readonly bundle: Bundle;
  private readonly towers: Towers;
  private readonly ranking: Ranking;
  private readonly dependencies: SearchDependencies;
  private exactIndex: VectorIndex | undefined;

  private constructor(bundle: Bundle, towers: Towers, ranking: Ranking, dependencies: SearchDependencies) {
    this.bundle = bundle;
    this.towers = towers;
    this.ranking = ranking;
    this.dependencies = dependencies;
  }

  /** Opens and verifies a bundle and its encoders. The chemistry pool stays the caller's. */
  static async open(root: string, name: string, dependencies: SearchDependencies): Promise<SearchEngine> {
    const bundle = await openBundle(root, name);
    try {
      requireVersion(bundle.manifest, 'standardiser', STANDARDISER_VERSION);
      requireVersion(bundle.manifest, 'profile', PROFILE_VERSION);
      const { chem, inference } = dependencies;
      const ranking = new Ranking(bundle, await readScore(bundle.directory), dependencies);
      return new SearchEngine(bundle, await Towers.open(bundle, chem, inference ?? {}), ranking, dependencies);
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
    const started = this.dependencies.now();
    return this.answer(await this.prepare(query), options, started);
  }

  /** Many molecules at once (SMILES or molfiles); a bad one fails alone. */
  async searchMany(inputs: readonly string[], options: SearchOptions): Promise<SearchOutcome[]> {
    const started = this.dependencies.now();
    const embedded = await this.towers.molecules(inputs, false);
    const outcomes = new Array<SearchOutcome>(inputs.length);
    for (const error of embedded.errors) outcomes[error.index] = { ok: false, error };
    for (const [row, index] of embedded.rows.entries()) outcomes[index] = { ok: true, result: await this.answer(this.fromMolecule(inputs[index]!, embedded, row), options, started) };
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

  /** A molecule by identifier, InChIKey or name, as a query by text finds it; NOT_FOUND where none has it. */
  moleculeCalled(text: string): StoredMolecule {
    const found = this.lookUp(text.trim());
    if (found !== undefined) return found;
    const { name } = this.manifest;
    const received = JSON.stringify(text);
    throw new IsoLensError('NOT_FOUND', `Expected an identifier, name or InChIKey of a molecule in "${name}" but received ${received}.`);
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
    const key = INCHI_KEY.exec(text)?.[1]?.toUpperCase();
    return molecules.findId(text) ?? (key === undefined ? undefined : molecules.findInchiKey(key)) ?? molecules.findName(text, 1)[0];
  }

  private fromStored(stored: StoredMolecule, input: string): Prepared {
    const { smiles, inchiKey, row } = stored;
    return {
      vector: rowOf(this.bundle.vectors, row),
      tower: this.towers.gallery,
      query: { kind: 'id', smiles, input, inchiKey, removed: [], warnings: [] },
      profile: undefined,
      stored: row,
    };
  }

  private fromMolecule(input: string, embedded: Awaited<ReturnType<Towers['molecules']>>, row: number): Prepared {
    const { parentSmiles, inchiKey, removedFragments, warnings } = embedded.molecules[row]!;
    return {
      vector: rowOf(embedded.vectors, row),
      tower: this.towers.gallery,
      query: { kind: 'smiles', smiles: parentSmiles, input, inchiKey, removed: [...removedFragments], warnings: warnings.map(warningText) },
      profile: embedded.profiles[row],
      stored: undefined,
    };
  }

  private async fromImage(bytes: Uint8Array): Promise<Prepared> {
    const tower = this.towers.resolve('image');
    const { vectors, errors, warnings = [] } = await this.towers.items(tower, [bytes], true);
    const [error] = errors;
    if (error !== undefined) throw new IsoLensError(error.code, error.message, { details: error.details });
    const query = { kind: 'image', smiles: null, input: null, inchiKey: null, removed: [], warnings: (warnings[0] ?? []).map(warningText) };
    return { vector: rowOf(vectors, 0), tower, query, profile: undefined, stored: undefined };
  }

  private async answer({ vector, tower, query, profile, stored }: Prepared, options: SearchOptions, started: number): Promise<SearchResult> {
    const { name, generation, count, backgrounds } = this.manifest;
    const { ranking } = this;
    const isMolecule = profile !== undefined || stored !== undefined;
    const mode = options.mode ?? (isMolecule && ranking.hasScore ? 'default' : 'similarity');
    this.requireAnswerable(mode, isMolecule);
    const ranked = await ranking.rank({ vector, smiles: query.smiles, profile, stored }, {
      k: options.k, mode, filters: options, excluded: await this.excludedRows(options, query.inchiKey), exact: options.exact === true, efSearch: options.efSearch, reasons: options.reasons !== false,
    });
    const found = ranked.candidates.filter(({ rank }) => scoreOf(ranked, rank) >= (options.minScore ?? -Infinity));
    const percentile = percentileScale(backgrounds[tower], vector, this.bundle.vectors);
    const hits = await this.toHits(found, ranked, query.smiles, options.reasons !== false, percentile);
    const warnings = ranked.isIncomplete ? [...query.warnings, 'Not every molecule was looked at: a substructure is rare or slow to find, or comparing took too long.'] : query.warnings;
    return { query: { ...query, warnings: [...warnings, ...emptied(hits, ranked)] }, index: { name, generation, count }, mode, filters: [...ranked.steps], hits, tookMs: this.dependencies.now() - started };
  }

  private requireAnswerable(mode: SearchMode, isMolecule: boolean): void {
    if (mode === 'similarity') return;
    if (!isMolecule) throw new IsoLensError('ARGUMENT_INVALID', `Expected a molecule as the query for the mode "${mode}" but received a picture, from which no structure is read; ask with the mode "similarity".`);
    if (!this.ranking.hasScore) throw new IsoLensError('ARGUMENT_INVALID', `Expected a bundle with a calibrated score for the mode "${mode}" but "${this.manifest.name}" has none; fit one with "isolens calibrate" and build the bundle again, or ask with the mode "similarity".`);
  }

  /** Rows of the query itself, where it is not wanted, and of a list. What the list names and the library lacks excludes nothing. */
  private async excludedRows({ excludeSelf, exclude = [] }: SearchOptions, inchiKey: string | null): Promise<number[]> {
    const { molecules } = this.bundle;
    const self = excludeSelf === true && inchiKey !== null ? molecules.findInchiKey(inchiKey)?.row : undefined;
    const listed = exclude.map((text) => ({ text, row: this.lookUp(text.trim())?.row }));
    const unknown = listed.flatMap(({ text, row }) => (row === undefined && text.trim() !== '' ? [text] : []));
    const outcomes = unknown.length === 0 ? [] : await this.dependencies.chem.standardise(unknown);
    const structures = outcomes.map((outcome) => (outcome.ok ? molecules.findInchiKey(outcome.value.inchiKey)?.row : undefined));
    return [self, ...listed.map(({ row }) => row), ...structures].filter((row) => row !== undefined);
  }

  private async toHits(found: readonly Candidate[], ranked: Ranked, smiles: string | null, wantsReasons: boolean, percentile: PercentileScale): Promise<SearchHit[]> {
    const { library } = this.ranking;
    const { queryDescriptors, pairs, scorer } = ranked;
    const stored = found.map(({ row }) => this.bundle.molecules.get(row));
    const asked = wantsReasons && smiles !== null && queryDescriptors !== undefined;
    const tanimotos = found.map(({ raw }) => raw?.[1] ?? null);
    const sameScaffolds = found.map(({ raw }) => (raw === undefined ? null : raw[6] === 0));
    const comparisons = asked ? await this.comparisonsOf(smiles, found, stored, ranked) : [];
    return found.map(({ row, rank, cosine, raw }, i): SearchHit => {
      const { ids, smiles: own, names, inchiKey, properties } = stored[i]!;
      const terms = scorer === undefined || raw === undefined ? [] : scorer.terms(raw);
      const descriptors = library.descriptorsOf(row);
      const alerts = library.alerts(row).map(({ name, source }) => ({ name, source }));
      return {
        id: ids[0]!, smiles: own, names: [...names], inchiKey, score: scoreOf(ranked, rank), cosine, percentile: Number(percentile(cosine).toFixed(4)),
        tanimoto: tanimotos[i]!, sameScaffold: sameScaffolds[i]!, terms,
        reason: asked ? reasonOf({ query: queryDescriptors, hit: descriptors, comparison: comparisons[i], evidence: pairs.get(row)?.support, sameScaffold: sameScaffolds[i] === true, terms, alerts }) : null,
        descriptors, alerts, properties: { ...properties },
      };
    });
  }

  /** A matched pair says what changes; where there is none, what two molecules share is searched for. */
  private async comparisonsOf(smiles: string, found: readonly Candidate[], stored: readonly StoredMolecule[], { pairs }: Ranked): Promise<(Comparison | undefined)[]> {
    const unpaired = stored.flatMap((one, i) => (pairs.has(found[i]!.row) ? [] : [{ smiles: one.smiles, i }]));
    const compared = await this.ranking.compare(smiles, unpaired.map((one) => one.smiles));
    const comparisons = found.map(({ row }) => pairs.get(row)).map((pair) => (pair === undefined ? undefined : comparisonOf(pair.change)));
    unpaired.forEach(({ i }, at) => (comparisons[i] = compared[at]));
    return comparisons;
  }

  private index(exact: boolean): VectorIndex {
    if (!exact) return this.bundle.index;
    return (this.exactIndex ??= exactOver(this.bundle.vectors));
  }
}

function requireVersion({ name, chemistry }: BundleManifest, part: string, version: string): void {
  const made = chemistry[part];
  if (made !== version) throw new IsoLensError('BUNDLE_INCOMPATIBLE', `Expected a bundle made with ${part} ${version} but "${name}" was made with ${made ?? 'an unknown one'}; build it again.`);
}

function scoreOf({ scorer }: Ranked, rank: number): number {
  return scorer === undefined ? rank : probabilityOf(rank);
}

/** An empty answer says which filter left nothing. */
function emptied(hits: readonly SearchHit[], { steps }: Ranked): string[] {
  const at = steps.findIndex(({ remaining }) => remaining === 0);
  if (hits.length > 0 || at < 0) return [];
  const before = at === 0 ? '' : `; ${steps[at - 1]!.remaining} were left before it`;
  return [`No molecule passes the filter "${steps[at]!.filter}"${before}.`];
}
