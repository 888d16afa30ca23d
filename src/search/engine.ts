import { exactOver } from '../ann/index.ts';
import type { VectorIndex } from '../ann/index.ts';
import { galleryDigest, openBundle } from '../bundle/index.ts';
import type { Bundle, BundleManifest } from '../bundle/index.ts';
import { STANDARDISER_VERSION } from '../chem/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError, l2Normalise, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { InferenceOptions } from '../inference/index.ts';
import { placeAmong } from '../layout/index.ts';
import { readingCounts } from '../reading/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import { PROFILE_VERSION, TERM_IDS, chanceOfFirst, chanceOfRead, probabilityOf, readScore } from '../score/index.ts';
import type { EvidenceSource, Profile, ScoreModel } from '../score/index.ts';
import type { MoleculeStore, StoredMolecule } from '../store/index.ts';
import type { Candidate } from './candidates.ts';
import type { PictureVia, SearchHit, SearchMode, SearchOptions, SearchOutcome, SearchQuery, SearchResult, Understanding } from './define.ts';
import { excludedRows, rowsAmong } from './listed.ts';
import { openMap, requireMap } from './map.ts';
import { calledBy, looksLikeName, nameForSmiles, namingWarnings, smilesWarnings, unknownName } from './naming.ts';
import { percentileScale } from './percentile.ts';
import { compareAll, toldOf } from './contrasts.ts';
import { UNLIKELY, UNLIKELY_TEXT, notUnreadable, openReadings, toldReading, verdict, viaOf } from './picture-answer.ts';
import { readStructure } from './picture.ts';
import type { ReadStructure } from './picture.ts';
import { Ranking } from './ranking.ts';
import type { Ranked, ReadQuery } from './ranking.ts';
import { reasonOf } from './reasons.ts';
import { Towers } from './towers.ts';
import type { Embedded } from './towers.ts';
import { understandingOf } from './understanding.ts';
import { warningText } from './warnings.ts';

const [ECFP4, SCAFFOLD] = [TERM_IDS.indexOf('ecfp4'), TERM_IDS.indexOf('scaffold')] as const;

/** Molecules of the library among which one that it does not hold is placed. */
const PLACED_AMONG = 5;

export interface SearchDependencies {
  readonly chem: ChemPool;
  readonly inference?: InferenceOptions;
  /** What measured activities say of changes, where they were mined. */
  readonly evidence?: EvidenceSource | undefined;
  /** Reads pictures; without one they are compared as a whole. It stays the caller's. */
  readonly reader?: DrawingReader | undefined;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What is known of a query once it is embedded. */
interface Prepared {
  readonly vector: Float32Array;
  readonly tower: string;
  readonly query: Omit<SearchResult['query'], 'held' | 'descriptors'>;
  /** Of a molecule that was given; one of the library is its row. */
  readonly profile: Profile | undefined;
  readonly stored: number | undefined;
  readonly read?: ReadQuery | undefined;
}

/** Answers questions from one open bundle. */
export class SearchEngine {
  private readonly bundle: Bundle;
  private readonly towers: Towers;
  private readonly ranking: Ranking;
  private readonly dependencies: SearchDependencies;
  private readonly map: Float32Array | undefined;
  private exactIndex: VectorIndex | undefined;

  private constructor(bundle: Bundle, map: Float32Array | undefined, towers: Towers, ranking: Ranking, dependencies: SearchDependencies) {
    this.bundle = bundle;
    this.map = map;
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
      const ranking = new Ranking(bundle, await readScore(bundle.directory, galleryDigest(bundle.manifest)), { ...dependencies, readings: await openReadings(bundle) });
      return new SearchEngine(bundle, await openMap(bundle), await Towers.open(bundle, chem, inference ?? {}), ranking, dependencies);
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

  /** Where the files of the manifest lie. */
  get directory(): string {
    return this.bundle.directory;
  }

  /** Embeddings of the library, row by row; not to be written to. */
  get vectors(): Matrix {
    return this.bundle.vectors;
  }

  /** The score that hits are ranked by, where one was calibrated. */
  get score(): ScoreModel | undefined {
    return this.ranking.model;
  }

  /** Where the molecules lie, (count, 2) from 0 to 1; MAP_MISSING where the bundle was made without. */
  get places(): Float32Array {
    return requireMap(this.map, this.manifest.name);
  }

  /** Ids of the modalities that can be asked. */
  get modalities(): string[] {
    return this.towers.modalities;
  }

  async search(query: SearchQuery, options: SearchOptions): Promise<SearchResult> {
    const started = this.dependencies.now();
    return this.answer(await this.prepare(query, options), options, started);
  }

  /** What a text means here: what would be searched, before it is. */
  async understand(text: string): Promise<Understanding> {
    const { query, vector, profile, stored } = await this.prepare({ kind: 'text', text }, { k: 1 });
    const { library } = this.ranking;
    const rowNow = (): number => {
      if (profile !== undefined) library.profiles.ask(vector, profile);
      return stored ?? library.profiles.query;
    };
    return understandingOf({ text, query, chem: this.dependencies.chem, molecules: this.bundle.molecules, stored, library, rowNow });
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

  /** Where a molecule lies on the map: at its own place, or among those of the library that are nearest to it. */
  async placeOf(smiles: string): Promise<[number, number]> {
    const { places } = this;
    const { vector, stored } = await this.prepare({ kind: 'smiles', smiles }, { k: PLACED_AMONG });
    if (stored !== undefined) return [places[2 * stored]!, places[2 * stored + 1]!];
    const { labels, scores } = this.nearest(vector, { k: PLACED_AMONG });
    return placeAmong(places, labels, scores);
  }

  /** A molecule by identifier; NOT_FOUND where none has it. */
  molecule(id: string): StoredMolecule {
    const found = this.bundle.molecules.findId(id);
    if (found !== undefined) return found;
    throw new IsoLensError('NOT_FOUND', `Expected the identifier of a molecule in "${this.manifest.name}" but received ${JSON.stringify(id)}.`);
  }

  /** A molecule by identifier, InChIKey or name, as a query by text finds it; NAME_UNKNOWN where none has it. */
  moleculeCalled(text: string): StoredMolecule {
    const [found] = calledBy(this.bundle.molecules, text)?.molecules ?? [];
    if (found !== undefined) return found;
    throw unknownName(this.bundle.molecules, this.manifest.name, text);
  }

  async close(): Promise<void> {
    await this.towers.close();
    this.bundle.close();
  }

  private async prepare(query: SearchQuery, options: SearchOptions): Promise<Prepared> {
    if (query.kind === 'image') return this.fromImage(query.bytes, viaOf(query.via, options), options);
    if (query.kind === 'id') return this.fromStored(this.molecule(query.id), query.id);
    const text = query.kind === 'text' ? query.text : query.smiles;
    const called = query.kind === 'text' ? calledBy(this.bundle.molecules, text) : undefined;
    if (called !== undefined) {
      const { query: understood, ...rest } = this.fromStored(called.molecules[0]!, text);
      return { ...rest, query: { ...understood, warnings: namingWarnings(text, called) } };
    }
    const embedded = await this.towers.molecules([text], true);
    const [error] = embedded.errors;
    if (error !== undefined) throw this.unreadable(query.kind, text, error);
    const { query: understood, ...rest } = this.fromMolecule(text, embedded, 0);
    return { ...rest, query: { ...understood, warnings: [...understood.warnings, ...smilesWarnings(text, embedded.molecules[0]!.formula)] } };
  }

  /** What cannot be read as a structure may have been meant as a name. */
  private unreadable(kind: 'text' | 'smiles', text: string, { code, message, details }: Embedded['errors'][number]): IsoLensError {
    const { molecules } = this.bundle;
    if (!looksLikeName(text)) return new IsoLensError(code, message, { details });
    return kind === 'text' ? unknownName(molecules, this.manifest.name, text) : nameForSmiles(molecules, text);
  }

  private fromStored(stored: StoredMolecule, input: string): Prepared {
    const { smiles, inchiKey, row } = stored;
    return {
      vector: rowOf(this.bundle.vectors, row),
      tower: this.towers.gallery,
      query: { kind: 'id', smiles, input, inchiKey, removed: [], warnings: [], chance: null, reading: null },
      profile: undefined,
      stored: row,
    };
  }

  private fromMolecule(input: string, embedded: Awaited<ReturnType<Towers['molecules']>>, row: number): Prepared {
    const { parentSmiles, inchiKey, removedFragments, warnings } = embedded.molecules[row]!;
    const removed = [...removedFragments];
    const texts = warnings.map(warningText);
    // One compound is one molecule: drawn as another tautomer it is answered as the library holds it.
    const stored = this.bundle.molecules.findInchiKey(inchiKey);
    if (stored !== undefined) {
      const isRedrawn = stored.smiles !== parentSmiles;
      const { query, ...rest } = this.fromStored(stored, input);
      return { ...rest, query: { ...query, kind: 'smiles', removed, warnings: isRedrawn ? [...texts, 'The library holds this compound as another tautomer, which was searched.'] : texts } };
    }
    return {
      vector: rowOf(embedded.vectors, row),
      tower: this.towers.gallery,
      query: { kind: 'smiles', smiles: parentSmiles, input, inchiKey, removed, warnings: texts, chance: null, reading: null },
      profile: embedded.profiles[row],
      stored: undefined,
    };
  }

  private async fromImage(bytes: Uint8Array, via: PictureVia, options: SearchOptions): Promise<Prepared> {
    const { reader, chem } = this.dependencies;
    if (via === 'embedding' || reader === undefined) {
      if (via === 'reading') throw new IsoLensError('MODALITY_UNSUPPORTED', 'Expected a reader of drawings for a picture that is to be searched by its reading but none is installed; search by the picture itself.');
      return this.fromWhole(bytes);
    }
    if (via === 'reading') return this.fromReading(await readStructure(reader, chem, bytes));
    const [whole, found] = await Promise.all([this.fromWhole(bytes), readStructure(reader, chem, bytes).catch(notUnreadable)]);
    return found === undefined ? { ...whole, query: { ...whole.query, warnings: [...whole.query.warnings, 'Nothing could be read of the picture; it was compared as a whole.'] } } : this.fromBoth(whole, found, reader, options);
  }

  /** The picture as a whole, unread. */
  private async fromWhole(bytes: Uint8Array): Promise<Prepared> {
    const tower = this.towers.resolve('image');
    const { vectors, errors, warnings = [] } = await this.towers.items(tower, [bytes], true);
    const [error] = errors;
    if (error !== undefined) throw new IsoLensError(error.code, error.message, { details: error.details });
    const vector = rowOf(vectors, 0);
    const chance = this.chanceOf(vector);
    const texts = [...(warnings[0] ?? []).map(warningText), ...(chance !== null && chance < UNLIKELY ? [UNLIKELY_TEXT] : [])];
    const query = { kind: 'image', smiles: null, input: null, inchiKey: null, removed: [], warnings: texts, chance, reading: null };
    return { vector, tower, query, profile: undefined, stored: undefined };
  }

  /** What was read, as if its SMILES were given. */
  private async fromReading(found: ReadStructure): Promise<Prepared> {
    const { molecule, refusal, warnings } = found;
    if (molecule === undefined) throw new IsoLensError('DRAWING_UNREADABLE', `Expected a drawn molecule but what was read is none: ${refusal ?? ''} Search by the picture itself, or cut out one structure.`);
    const embedded = await this.towers.molecules([molecule.parentSmiles], true);
    const [error] = embedded.errors;
    if (error !== undefined) throw new IsoLensError(error.code, error.message, { details: error.details });
    const { query, ...rest } = this.fromMolecule(molecule.parentSmiles, embedded, 0);
    return { ...rest, query: { ...query, kind: 'image', input: null, removed: [...molecule.removedFragments], warnings: [...new Set([...warnings, ...query.warnings])], reading: toldReading(found) } };
  }

  private fromBoth(whole: Prepared, found: ReadStructure, reader: DrawingReader, options: SearchOptions): Prepared {
    const counts = readingCounts(found.reading.graph, reader.vocabulary);
    const read = counts === undefined ? undefined : this.ranking.readQuery(counts, whole.vector, { exact: options.exact === true, efSearch: options.efSearch });
    const chance = read === undefined ? whole.query.chance : this.chanceOfReading(read, found);
    const warnings = [...new Set([...whole.query.warnings.filter((text) => text !== UNLIKELY_TEXT), ...found.warnings, ...verdict(chance, found)])];
    return { ...whole, read, query: { ...whole.query, warnings, chance, reading: toldReading(found) } };
  }

  /** That the first hit is the drawn molecule. */
  private chanceOfReading({ nearest: { labels, scores, cosines, readings } }: ReadQuery, { confidence, molecule }: ReadStructure): number | null {
    const { trust } = this.ranking;
    const [row] = labels;
    if (trust === undefined || row === undefined) return null;
    const isSame = molecule !== undefined && this.bundle.molecules.get(row).inchiKey.startsWith(molecule.connectivityKey);
    const chance = chanceOfRead(trust, { similarity: readings![0]!, lead: scores[0]! - (scores[1] ?? 0), confidence, same: isSame ? 1 : 0, cosine: cosines![0]! });
    return chance === undefined ? null : Number(chance.toFixed(3));
  }

  /** That the nearest molecule is the drawn one. */
  private chanceOf(vector: Float32Array): number | null {
    const { trust } = this.ranking;
    const [first, second] = this.nearest(vector, { k: 2 }).scores;
    if (trust === undefined || first === undefined || second === undefined) return null;
    return Number(chanceOfFirst(trust, first, second).toFixed(3));
  }

  private async answer({ vector, tower, query, profile, stored, read }: Prepared, options: SearchOptions, started: number): Promise<SearchResult> {
    const { name, generation, count, backgrounds } = this.manifest;
    const { ranking } = this;
    const isMolecule = profile !== undefined || stored !== undefined;
    const mode = options.mode ?? (isMolecule && ranking.hasScore ? 'default' : 'similarity');
    this.requireAnswerable(mode, isMolecule);
    const ranked = await ranking.rank({ vector, smiles: query.smiles, profile, stored, read }, {
      k: options.k, mode, filters: options, excluded: await excludedRows(this.bundle.molecules, this.dependencies.chem, options, query.inchiKey), only: rowsAmong(this.bundle.molecules, options), exact: options.exact === true, efSearch: options.efSearch, reasons: options.reasons !== false,
    });
    const found = ranked.candidates.filter(({ rank }) => scoreOf(ranked, rank) >= (options.minScore ?? -Infinity));
    // Of a picture's neighbours all are closer than nearly all random pairs: a number that says nothing.
    const percentile = isMolecule ? percentileScale(backgrounds[tower], vector, this.bundle.vectors) : () => null;
    const hits = await this.toHits(found, ranked, query, options.reasons !== false, percentile);
    const warnings = ranked.isIncomplete ? [...query.warnings, 'Not every molecule was searched: the substructure is rare.'] : query.warnings;
    const held = query.inchiKey === null ? undefined : this.bundle.molecules.findInchiKey(query.inchiKey);
    const told = { held: held === undefined ? null : { id: held.ids[0]!, names: [...held.names] }, descriptors: ranked.queryDescriptors ?? null };
    return { query: { ...query, ...told, warnings: [...warnings, ...emptied(hits, ranked)] }, index: { name, generation, count }, mode, filters: [...ranked.steps], hits, tookMs: this.dependencies.now() - started };
  }

  private requireAnswerable(mode: SearchMode, isMolecule: boolean): void {
    if (mode === 'similarity') return;
    if (!isMolecule) throw new IsoLensError('ARGUMENT_INVALID', `Expected a molecule as the query for the mode "${mode}" but received a picture that is not read; ask with the mode "similarity".`);
    if (!this.ranking.hasScore) throw new IsoLensError('ARGUMENT_INVALID', `Expected a bundle with a calibrated score for the mode "${mode}" but "${this.manifest.name}" has none; fit one with "isolens calibrate" and build the bundle again, or ask with the mode "similarity".`);
  }

  private async toHits(found: readonly Candidate[], ranked: Ranked, { smiles, inchiKey: asked }: Prepared['query'], wantsReasons: boolean, percentile: (cosine: number) => number | null): Promise<SearchHit[]> {
    const { library } = this.ranking;
    const { queryDescriptors, pairs, scorer } = ranked;
    const stored = found.map(({ row }) => this.bundle.molecules.get(row));
    const isReasoned = wantsReasons && smiles !== null && queryDescriptors !== undefined;
    const comparisons = isReasoned ? await compareAll(this.dependencies.chem, smiles, stored.map((one) => one.smiles)) : [];
    return found.map(({ row, rank, cosine, raw, reading }, i): SearchHit => {
      const { ids, smiles: own, names, inchiKey, properties } = stored[i]!;
      const terms = scorer === undefined || raw === undefined ? [] : scorer.terms(raw);
      const descriptors = library.descriptorsOf(row);
      const alerts = library.alerts(row).map(({ name, source }) => ({ name, source }));
      const isQuery = inchiKey === asked;
      const sameScaffold = raw === undefined ? null : raw[SCAFFOLD] === 0;
      const percent = percentile(cosine);
      return {
        id: ids[0]!, smiles: own, names: [...names], inchiKey, isQuery, score: scoreOf(ranked, rank), cosine, reading: reading ?? null, percentile: percent === null ? null : Number(percent.toFixed(4)),
        tanimoto: raw?.[ECFP4] ?? null, sameScaffold, terms,
        reason: isReasoned
          ? reasonOf({ query: queryDescriptors, hit: descriptors, comparison: toldOf(comparisons[i], pairs.get(row)), evidence: pairs.get(row)?.support, isQuery, sameScaffold: sameScaffold === true, terms, alerts })
          : null,
        descriptors, alerts, properties: { ...properties },
      };
    });
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
