import type { Neighbours } from '../ann/index.ts';
import type { BundleManifest } from '../bundle/index.ts';
import type { ChemPool } from '../chem/index.ts';
import { IsoLensError, l2Normalise, rowOf } from '../core/index.ts';
import type { Matrix } from '../core/index.ts';
import type { InferenceOptions } from '../inference/index.ts';
import { placeAmong } from '../layout/index.ts';
import { readingCounts } from '../reading/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import { chanceOfFirst, chanceOfRead } from '../score/index.ts';
import type { EvidenceSource, Profile, ScoreModel } from '../score/index.ts';
import type { StoredMolecule } from '../store/index.ts';
import { QueryDomain } from './applicability.ts';
import { TOP_REASONS } from './define.ts';
import type { PictureVia, SearchMode, SearchOptions, SearchOutcome, SearchQuery, SearchResult, Understanding } from './define.ts';
import { embeddedCells } from './cells-query.ts';
import { givenEmbedding } from './embedding-query.ts';
import { scoreOf, shortfall, toHits } from './hits.ts';
import { excludedRows, rowsAmong } from './listed.ts';
import { galleryPlaces, requireVersions } from './library.ts';
import type { MoleculeSource, SearchLibrary } from './library.ts';
import { LocalLibrary } from './local-library.ts';
import { openMap, requireMap } from './map.ts';
import { calledBy, looksLikeName, nameForSmiles, namingWarnings, smilesWarnings, unknownName } from './naming.ts';
import { percentileScale, sampledRows } from './percentile.ts';
import { pairingOf, requireUsual } from './pairing.ts';
import type { Pairing } from './pairing.ts';
import { UNLIKELY, UNLIKELY_TEXT, notUnreadable, openReadings, toldReading, verdict, viaOf } from './picture-answer.ts';
import { readStructure } from './picture.ts';
import type { ReadStructure } from './picture.ts';
import { Ranking } from './ranking.ts';
import type { ReadQuery } from './ranking.ts';
import type { ScanOptions } from './scan/pool.ts';
import { Towers } from './towers.ts';
import type { Embedded, EmbeddedMolecules } from './towers.ts';
import { understandingOf } from './understanding.ts';
import { warningText } from './warnings.ts';

/** Molecules of the library among which one that it does not hold is placed. */
const PLACED_AMONG = 5;
/** Enough that code is compiled which only busy functions are worth. */
const WARM_ROUNDS = 3;
const WARM_HITS = 20;

export interface SearchDependencies {
  readonly chem: ChemPool;
  readonly inference?: InferenceOptions;
  readonly scan?: ScanOptions;
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
  readonly pairing: Pairing;
  readonly query: Omit<SearchResult['query'], 'held' | 'descriptors' | 'applicability'>;
  /** Of a molecule that was given; one of the library is its row. */
  readonly profile: Profile | undefined;
  readonly stored: number | undefined;
  readonly read?: ReadQuery | undefined;
}

/** Answers questions from one open bundle. */
export class SearchEngine {
  private readonly library: SearchLibrary;
  private readonly towers: Towers;
  private readonly ranking: Ranking;
  private readonly dependencies: SearchDependencies;
  private readonly map: Float32Array | undefined;
  private readonly domain: QueryDomain;

  private constructor(library: SearchLibrary, map: Float32Array | undefined, towers: Towers, ranking: Ranking, dependencies: SearchDependencies) {
    this.library = library;
    this.map = map;
    this.towers = towers;
    this.ranking = ranking;
    this.dependencies = dependencies;
    this.domain = new QueryDomain(library.score, dependencies.chem);
  }

  /** Opens and verifies a bundle and its encoders. The chemistry pool stays the caller's. */
  static async open(root: string, name: string, dependencies: SearchDependencies): Promise<SearchEngine> {
    return SearchEngine.over(await LocalLibrary.open(root, name, dependencies.scan), dependencies);
  }

  /** Over a library that is open, wherever it lies: it is closed with the engine, and where its encoders do not fit it. */
  static async over(library: SearchLibrary, dependencies: SearchDependencies): Promise<SearchEngine> {
    try {
      requireVersions(library.manifest);
      const { chem, inference } = dependencies;
      const [towers, readings, map] = await Promise.all([Towers.open(library, chem, inference ?? {}), openReadings(library), openMap(library)]);
      return new SearchEngine(library, map, towers, new Ranking(library, { ...dependencies, readings }), dependencies);
    } catch (error) {
      await library.close();
      throw error;
    }
  }

  /** Asks what queries will ask, so that the first of them finds every worker loaded and its code compiled. */
  async warm(): Promise<void> {
    const { molecules } = this.manifest.canaries;
    // Of each query every chemistry worker takes a part.
    for (let round = 0; round < WARM_ROUNDS; round++) await Promise.all(molecules.map(({ smiles }) => this.search({ kind: 'smiles', smiles }, { k: WARM_HITS })));
  }

  get manifest(): BundleManifest {
    return this.library.manifest;
  }

  get molecules(): MoleculeSource {
    return this.library.molecules;
  }

  /** Where the files of the manifest lie. */
  get directory(): string {
    return this.library.directory;
  }

  /** The stored embedding of a row in the first gallery. */
  async vectorOf(row: number): Promise<Float32Array> {
    return rowOf(await this.library.vectorsOf(0, [row]), 0);
  }

  /** The score that hits are ranked by, where one was calibrated. */
  get score(): ScoreModel | undefined {
    return this.library.score;
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
    const prepared = await this.prepare({ kind: 'text', text }, { k: 1 });
    const { query, stored } = prepared;
    const { descriptors } = (await this.ranking.profileOf(prepared))!;
    return understandingOf({ text, query, chem: this.dependencies.chem, stored, library: this.library, descriptors });
  }

  /** Many molecules at once (SMILES or molfiles); a bad one fails alone. */
  async searchMany(inputs: readonly string[], options: SearchOptions): Promise<SearchOutcome[]> {
    const started = this.dependencies.now();
    const pairing = pairingOf(this.manifest, this.towers, 'molecule', options);
    const embedded = await this.towers.molecules(inputs, false, pairing.tower);
    const outcomes = new Array<SearchOutcome>(inputs.length);
    for (const error of embedded.errors) outcomes[error.index] = { ok: false, error };
    for (const [row, index] of embedded.rows.entries()) outcomes[index] = { ok: true, result: await this.answer(await this.fromMolecule(inputs[index]!, embedded, row, pairing), options, started) };
    return outcomes;
  }

  /**
   * Embeddings of SMILES or image files. `tower` is a modality's id, a tower's name, or `molecule` / `image`.
   */
  async embed(tower: string, items: readonly (string | Uint8Array)[]): Promise<Embedded & { readonly tower: string }> {
    const name = this.towers.resolve(tower);
    const embedded = await this.towers.items(name, items, false);
    l2Normalise(embedded.vectors);
    return { ...embedded, tower: name };
  }

  /** How a table of profiles becomes a query; MODALITY_UNSUPPORTED where nothing of the bundle reads profiles. */
  get profilePreparation(): Towers['preparation'] {
    return this.towers.preparation;
  }

  /** What the items of a tower are. */
  sourceOf(tower: string): ReturnType<Towers['sourceOf']> {
    return this.towers.sourceOf(tower);
  }

  /** Nearest rows, in the first gallery, of a vector that was embedded before. */
  nearest(vector: Float32Array, { k, exact, efSearch }: SearchOptions): Promise<Neighbours> {
    return this.library.all.nearest({ gallery: 0, vector, k, exact, efSearch });
  }

  /** Share of the exact k nearest rows that the index finds with its default settings, over these queries. */
  async recall(queries: Matrix, k: number): Promise<number> {
    let found = 0;
    let wanted = 0;
    for (let q = 0; q < queries.rows; q++) {
      const vector = rowOf(queries, q);
      const expected = new Set((await this.nearest(vector, { k, exact: true })).labels);
      wanted += expected.size;
      for (const label of (await this.nearest(vector, { k })).labels) if (expected.has(label)) found++;
    }
    return wanted === 0 ? 1 : found / wanted;
  }

  /** Where a molecule lies on the map: at its own place, or among those of the library that are nearest to it. */
  async placeOf(smiles: string): Promise<[number, number]> {
    const { places } = this;
    const { vector, stored } = await this.prepare({ kind: 'smiles', smiles }, { k: PLACED_AMONG });
    if (stored !== undefined) return [places[2 * stored]!, places[2 * stored + 1]!];
    const { labels, scores } = await this.nearest(vector, { k: PLACED_AMONG });
    return placeAmong(places, labels, scores);
  }

  /** A molecule by identifier; NOT_FOUND where none has it. */
  async molecule(id: string): Promise<StoredMolecule> {
    const found = await this.library.molecules.findId(id);
    if (found !== undefined) return found;
    throw new IsoLensError('NOT_FOUND', `Expected the identifier of a molecule in "${this.manifest.name}" but received ${JSON.stringify(id)}.`);
  }

  /** A molecule by identifier, InChIKey or name, as a query by text finds it; NAME_UNKNOWN where none has it. */
  async moleculeCalled(text: string): Promise<StoredMolecule> {
    const [found] = (await calledBy(this.library.molecules, text))?.molecules ?? [];
    if (found !== undefined) return found;
    throw await unknownName(this.library.molecules, this.manifest.name, text);
  }

  async close(): Promise<void> {
    await Promise.all([this.towers.close(), this.library.close()]);
  }

  private async prepare(query: SearchQuery, options: SearchOptions): Promise<Prepared> {
    if (query.kind === 'image') return this.fromImage(query.bytes, query.via, options);
    if (query.kind === 'sites' || query.kind === 'wells') {
      const asked = pairingOf(this.manifest, this.towers, query.kind === 'sites' ? 'image' : 'table', options);
      return { ...await embeddedCells(query, this.towers, asked, this.manifest.model), pairing: asked, profile: undefined, stored: undefined };
    }
    const pairing = pairingOf(this.manifest, this.towers, 'molecule', options);
    if (query.kind === 'embedding') return { ...givenEmbedding(query.vector, this.manifest.dimension, options), pairing, profile: undefined, stored: undefined };
    if (query.kind === 'id') return this.fromStored(await this.molecule(query.id), query.id, pairing);
    const text = query.kind === 'text' ? query.text : query.smiles;
    const called = query.kind === 'text' ? await calledBy(this.library.molecules, text) : undefined;
    if (called !== undefined) {
      const { query: understood, ...rest } = await this.fromStored(called.molecules[0]!, text, pairing);
      return { ...rest, query: { ...understood, warnings: namingWarnings(text, called) } };
    }
    const embedded = await this.towers.molecules([text], true, pairing.tower);
    const [error] = embedded.errors;
    if (error !== undefined) throw await this.unreadable(query.kind, text, error);
    const { query: understood, ...rest } = await this.fromMolecule(text, embedded, 0, pairing);
    return { ...rest, query: { ...understood, warnings: [...understood.warnings, ...smilesWarnings(text, embedded.molecules[0]!.formula)] } };
  }

  /** What cannot be read as a structure may have been meant as a name. */
  private async unreadable(kind: 'text' | 'smiles', text: string, { code, message, details }: Embedded['errors'][number]): Promise<IsoLensError> {
    const { molecules } = this.library;
    if (!looksLikeName(text)) return new IsoLensError(code, message, { details });
    return kind === 'text' ? unknownName(molecules, this.manifest.name, text) : nameForSmiles(molecules, text);
  }

  private async fromStored(stored: StoredMolecule, input: string, pairing: Pairing): Promise<Prepared> {
    const { smiles, inchiKey, row } = stored;
    const held = galleryPlaces(this.manifest).find(({ tower }) => tower === pairing.tower);
    return {
      vector: held === undefined ? rowOf((await this.embedded(smiles, pairing)).vectors, 0) : rowOf(await this.library.vectorsOf(held.place, [row]), 0),
      pairing,
      query: { kind: 'id', smiles, input, inchiKey, removed: [], warnings: [], chance: null, reading: null },
      profile: undefined,
      stored: row,
    };
  }

  /** One molecule that a person waits for. */
  private async embedded(smiles: string, { tower }: Pairing): Promise<EmbeddedMolecules> {
    const embedded = await this.towers.molecules([smiles], true, tower);
    const [error] = embedded.errors;
    if (error !== undefined) throw new IsoLensError(error.code, error.message, { details: error.details });
    return embedded;
  }

  private async fromMolecule(input: string, embedded: EmbeddedMolecules, row: number, pairing: Pairing): Promise<Prepared> {
    const { parentSmiles, inchiKey, removedFragments, warnings } = embedded.molecules[row]!;
    const removed = [...removedFragments];
    const texts = warnings.map(warningText);
    // One compound is one molecule: drawn as another tautomer it is answered as the library holds it.
    const stored = await this.library.molecules.findInchiKey(inchiKey);
    if (stored !== undefined) {
      const isRedrawn = stored.smiles !== parentSmiles;
      const { query, ...rest } = await this.fromStored(stored, input, pairing);
      return { ...rest, query: { ...query, kind: 'smiles', removed, warnings: isRedrawn ? [...texts, 'The library holds this compound as another tautomer, which was searched.'] : texts } };
    }
    return {
      vector: rowOf(embedded.vectors, row),
      pairing,
      query: { kind: 'smiles', smiles: parentSmiles, input, inchiKey, removed, warnings: texts, chance: null, reading: null },
      profile: embedded.profiles[row],
      stored: undefined,
    };
  }

  private async fromImage(bytes: Uint8Array, asked: PictureVia | undefined, options: SearchOptions): Promise<Prepared> {
    const { reader, chem } = this.dependencies;
    const via = viaOf(asked, options);
    // What is read of a picture is a molecule.
    const pairing = pairingOf(this.manifest, this.towers, via === 'reading' ? 'molecule' : 'image', options);
    if (via === 'reading') {
      if (reader === undefined) throw new IsoLensError('MODALITY_UNSUPPORTED', 'Expected a reader of drawings for a picture that is to be searched by its reading but none is installed; search by the picture itself.');
      return this.fromReading(await readStructure(reader, chem, bytes), pairing);
    }
    const portrays = this.towers.portrays(pairing.tower);
    if (asked === 'both') {
      requireUsual(pairing, 'a picture by its reading and as a whole');
      if (!portrays) throw new IsoLensError('MODALITY_UNSUPPORTED', `Expected a bundle that knows drawings for a picture that is to be read but "${this.library.manifest.name}" knows images of another kind (${this.towers.modalities.join(', ')}); search by the image as a whole.`);
    }
    if (via === 'embedding' || reader === undefined || !pairing.isUsual || !portrays) return this.fromWhole(bytes, pairing);
    const [whole, found] = await Promise.all([this.fromWhole(bytes, pairing), readStructure(reader, chem, bytes).catch(notUnreadable)]);
    return found === undefined ? { ...whole, query: { ...whole.query, warnings: [...whole.query.warnings, 'Nothing could be read of the picture; it was compared as a whole.'] } } : this.fromBoth(whole, found, reader, options);
  }

  /** The picture as a whole, unread. */
  private async fromWhole(bytes: Uint8Array, pairing: Pairing): Promise<Prepared> {
    const { vectors, errors, warnings = [] } = await this.towers.items(pairing.tower, [bytes], true);
    const [error] = errors;
    if (error !== undefined) throw new IsoLensError(error.code, error.message, { details: error.details });
    const vector = rowOf(vectors, 0);
    const chance = pairing.isUsual ? await this.chanceOf(vector) : null;
    const texts = [...(warnings[0] ?? []).map(warningText), ...(chance !== null && chance < UNLIKELY ? [UNLIKELY_TEXT] : [])];
    const query = { kind: 'image', smiles: null, input: null, inchiKey: null, removed: [], warnings: texts, chance, reading: null };
    return { vector, pairing, query, profile: undefined, stored: undefined };
  }

  /** What was read, as if its SMILES were given. */
  private async fromReading(found: ReadStructure, pairing: Pairing): Promise<Prepared> {
    const { molecule, refusal, warnings } = found;
    if (molecule === undefined) throw new IsoLensError('DRAWING_UNREADABLE', `Expected a drawn molecule but what was read is none: ${refusal ?? ''} Search by the picture itself, or cut out one structure.`);
    const { query, ...rest } = await this.fromMolecule(molecule.parentSmiles, await this.embedded(molecule.parentSmiles, pairing), 0, pairing);
    return { ...rest, query: { ...query, kind: 'image', input: null, removed: [...molecule.removedFragments], warnings: [...new Set([...warnings, ...query.warnings])], reading: toldReading(found) } };
  }

  private async fromBoth(whole: Prepared, found: ReadStructure, reader: DrawingReader, options: SearchOptions): Promise<Prepared> {
    const counts = readingCounts(found.reading.graph, reader.vocabulary);
    const read = counts === undefined ? undefined : await this.ranking.readQuery(counts, whole.vector, { exact: options.exact === true, efSearch: options.efSearch });
    const chance = read === undefined ? whole.query.chance : await this.chanceOfReading(read, found);
    const warnings = [...new Set([...whole.query.warnings.filter((text) => text !== UNLIKELY_TEXT), ...found.warnings, ...verdict(chance, found)])];
    return { ...whole, read, query: { ...whole.query, warnings, chance, reading: toldReading(found) } };
  }

  /** That the first hit is the drawn molecule. */
  private async chanceOfReading({ nearest: { labels, scores, cosines, readings } }: ReadQuery, { confidence, molecule }: ReadStructure): Promise<number | null> {
    const { trust } = this.ranking;
    const [row] = labels;
    if (trust === undefined || row === undefined) return null;
    const isSame = molecule !== undefined && (await this.library.molecules.get(row)).inchiKey.startsWith(molecule.connectivityKey);
    const chance = chanceOfRead(trust, { similarity: readings![0]!, lead: scores[0]! - (scores[1] ?? 0), confidence, same: isSame ? 1 : 0, cosine: cosines![0]! });
    return chance === undefined ? null : Number(chance.toFixed(3));
  }

  /** That the nearest molecule is the drawn one. */
  private async chanceOf(vector: Float32Array): Promise<number | null> {
    const { trust } = this.ranking;
    const [first, second] = (await this.nearest(vector, { k: 2 })).scores;
    if (trust === undefined || first === undefined || second === undefined) return null;
    return Number(chanceOfFirst(trust, first, second).toFixed(3));
  }

  private async answer({ vector, pairing, query, profile, stored, read }: Prepared, options: SearchOptions, started: number): Promise<SearchResult> {
    const { name, generation, count, backgrounds } = this.manifest;
    const { ranking } = this;
    const isMolecule = profile !== undefined || stored !== undefined;
    const mode = options.mode ?? (isMolecule && ranking.hasScore && pairing.isUsual ? 'default' : 'similarity');
    this.requireAnswerable(mode, isMolecule, pairing);
    const ranked = await ranking.rank({ vector, pairing, smiles: query.smiles, profile, stored, read }, {
      k: options.k, mode, filters: options, excluded: await excludedRows(this.library.molecules, this.dependencies.chem, options, query.inchiKey), only: await rowsAmong(this.library.molecules, options), exact: options.exact === true, efSearch: options.efSearch, reasons: options.reasons !== 'none',
    });
    const found = ranked.candidates.filter(({ rank }) => scoreOf(ranked, rank) >= (options.minScore ?? -Infinity));
    // Of a picture's neighbours all are closer than nearly all random pairs: a number that says nothing.
    const { tower, gallery } = pairing;
    const background = gallery.place === 0 ? backgrounds[tower] : undefined;
    const percentile = isMolecule ? await percentileScale(background, vector, () => this.library.vectorsOf(gallery.place, sampledRows(count))) : () => null;
    const { library } = this;
    const reasoned = { none: 0, top: TOP_REASONS, all: found.length }[options.reasons ?? 'all'];
    const sources = { contrasts: ranking.contrasts, library, percentile, reasoned };
    const [hits, applicability] = await Promise.all([toHits(found, ranked, query, sources), this.domain.of(query.smiles)]);
    const held = query.inchiKey === null ? undefined : await library.molecules.findInchiKey(query.inchiKey);
    const told = { held: held === undefined ? null : { id: held.ids[0]!, names: [...held.names] }, descriptors: ranked.queryDescriptors ?? null, applicability };
    return { query: { ...query, ...told, warnings: [...query.warnings, ...this.domain.warningsOf(applicability), ...shortfall(hits, ranked)] }, index: { name, generation, count }, mode, filters: [...ranked.steps], hits, tookMs: this.dependencies.now() - started };
  }

  private requireAnswerable(mode: SearchMode, isMolecule: boolean, pairing: Pairing): void {
    if (mode === 'similarity') return;
    if (mode !== 'tanimoto') requireUsual(pairing, `by the mode "${mode}"`);
    if (!isMolecule) throw new IsoLensError('ARGUMENT_INVALID', `Expected a molecule as the query for the mode "${mode}" but received one that is not read as such; ask with the mode "similarity".`);
    if (mode !== 'tanimoto' && !this.ranking.hasScore) throw new IsoLensError('ARGUMENT_INVALID', `Expected a bundle with a calibrated score for the mode "${mode}" but "${this.manifest.name}" has none; fit one with "isolens calibrate" and build the bundle again, or ask with the mode "similarity".`);
  }
}
