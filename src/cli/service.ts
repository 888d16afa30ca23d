/** Open bundles as the service that the HTTP layer asks. */
import type {
  Capabilities, DepictionRequest, EmbeddingRequest, EmbeddingResponse, FileFormat, IndexInfo, LibraryDetail, LibraryMap, Molecule, PlacedDepiction, PlacesRequest, PlacesResponse, ReadResponse,
  RecallRequest, RecallResponse, RejectPage, ReplacementRequest, ReplacementResponse, SearchOptions, SearchResponse, Table, UnderstandRequest, Understanding,
} from '../api/index.ts';
import { MAX_K } from '../api/index.ts';
import { NAMED_GROUPS, SMILES_LIMITS, valueOf } from '../chem/index.ts';
import type { ChemPool, DepictRequest } from '../chem/index.ts';
import { IsoLensError, rowOf } from '../core/index.ts';
import { IMAGE_FORMATS, IMAGE_LIMITS } from '../image/index.ts';
import { parseProfiles } from '../ingest/index.ts';
import { MODALITIES } from '../modalities/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import { readStructure } from '../search/index.ts';
import type { SearchEngine, SearchQuery } from '../search/index.ts';
import type { HeldIndex, SearchService, ServiceQuery, WriteCall } from '../server/index.ts';
import { profileOfTable } from './cells-query.ts';
import type { LazyReplacements } from './evidence.ts';
import { detailOf, infoOf, mapOf, placesOf, recallOf, rejectsOf } from './library-page.ts';
import type { LiveBundles } from './live-bundles.ts';
import { describeReading } from './reading.ts';
import { replaceIn } from './replacing.ts';
import { writeTable } from './writing.ts';

export interface BundleServiceOptions {
  readonly bundles: LiveBundles;
  readonly chem: ChemPool;
  readonly replacements: LazyReplacements;
  /** Absent where no reader is installed. */
  readonly reader: DrawingReader | undefined;
  readonly version: string;
  readonly now: () => number;
}

export class BundleService implements SearchService {
  private readonly bundles: LiveBundles;
  private readonly chem: ChemPool;
  private readonly table: LazyReplacements;
  private readonly reader: DrawingReader | undefined;
  private readonly version: string;
  private readonly now: () => number;

  constructor({ bundles, chem, replacements, reader, version, now }: BundleServiceOptions) {
    this.bundles = bundles;
    this.chem = chem;
    this.table = replacements;
    this.reader = reader;
    this.version = version;
    this.now = now;
  }

  capabilities(): Capabilities {
    const asked = new Set(this.bundles.engines.flatMap((engine) => engine.modalities));
    return {
      version: this.version,
      modalities: MODALITIES.filter(({ id }) => asked.has(id)).map(({ id, source, summary }) => ({ id, source, summary })),
      imageFormats: [...IMAGE_FORMATS],
      groups: NAMED_GROUPS.map(({ name, smarts }) => ({ name, smarts })),
      limits: {
        maxK: MAX_K,
        maxSmilesCharacters: SMILES_LIMITS.characters,
        maxAtoms: SMILES_LIMITS.atoms,
        maxImageBytes: IMAGE_LIMITS.bytes,
        maxImagePixels: IMAGE_LIMITS.pixels,
      },
      indexes: this.bundles.names,
    };
  }

  indexes(): IndexInfo[] {
    return this.bundles.engines.map(infoOf);
  }

  library(name: string): Promise<LibraryDetail> {
    return this.bundles.using(name, (engine) => detailOf(engine, this.reader, this.bundles.refused(name) ?? null));
  }

  rejects(name: string, from: number, limit: number): Promise<RejectPage> {
    return this.bundles.using(name, (engine) => rejectsOf(engine, from, limit));
  }

  recall(name: string, request: RecallRequest, left: AbortSignal): Promise<RecallResponse> {
    return this.bundles.using(name, (engine) => recallOf(engine, request, left, this.now));
  }

  map(name: string): LibraryMap {
    return mapOf(this.bundles.engine(name));
  }

  places(name: string, request: PlacesRequest): Promise<PlacesResponse> {
    return this.bundles.using(name, (engine) => placesOf(engine, request));
  }

  search(query: ServiceQuery, { index, ...options }: SearchOptions): Promise<SearchResponse> {
    return this.bundles.using(index, (engine) => searchIn(engine, query, options));
  }

  holding<Result>(index: string, work: (held: HeldIndex) => Promise<Result>): Promise<Result> {
    return this.bundles.using(index, (engine) => work({
      generation: engine.manifest.generation,
      search: (query, { index: _, ...options }) => searchIn(engine, query, options),
    }));
  }

  async read(bytes: Uint8Array, structure: number): Promise<ReadResponse> {
    const started = this.now();
    if (this.reader === undefined) throw new IsoLensError('MODALITY_UNSUPPORTED', 'Expected a reader of drawings but none is installed with this service; search by the picture instead.');
    return describeReading(await readStructure(this.reader, this.chem, bytes, structure), this.reader.vocabulary, this.now() - started);
  }

  replacements({ index, ...request }: ReplacementRequest): Promise<ReplacementResponse> {
    return this.bundles.using(index, (engine) => replaceIn({ chem: this.chem, table: this.table(), engine, now: this.now }, request));
  }

  molecule(id: string, index: string | undefined): Promise<Molecule> {
    return this.bundles.using(index, async (engine) => {
      const { ids, smiles, names, inchiKey, properties } = await engine.moleculeCalled(id);
      // Asked by a name, it is told by the identifier that the library gave it first.
      const own = ids.includes(id) ? id : ids[0]!;
      const otherIds = ids.filter((other) => other !== own);
      return { id: own, otherIds, smiles, names: [...names], inchiKey, properties: { ...properties }, index: engine.manifest.name };
    });
  }

  understand({ text, index }: UnderstandRequest): Promise<Understanding> {
    return this.bundles.using(index, async (engine) => ({ ...(await engine.understand(text)), index: engine.manifest.name }));
  }

  embed({ smiles, index, from }: EmbeddingRequest): Promise<EmbeddingResponse> {
    return this.bundles.using(index, (engine) => embeddingsOf(engine, smiles, from));
  }

  async depictPlaced(request: DepictionRequest): Promise<PlacedDepiction> {
    const [outcome] = await this.chem.depictPlaced([withoutAbsent(request)], { urgent: true });
    const { svg, atoms } = valueOf(outcome!);
    return { svg, smiles: request.smiles, atoms: atoms.map(([x, y]) => [x, y]) };
  }

  async depict(request: DepictionRequest): Promise<string> {
    const [outcome] = await this.chem.depict([withoutAbsent(request)]);
    return valueOf(outcome!);
  }

  write(format: FileFormat, table: Table, call: WriteCall): AsyncIterable<string> {
    return writeTable(this.chem, format, table, call);
  }
}

async function searchIn(engine: SearchEngine, query: ServiceQuery, options: Omit<SearchOptions, 'index'>): Promise<SearchResponse> {
  return engine.search(await engineQuery(engine, query), options);
}

async function embeddingsOf(engine: SearchEngine, smiles: readonly string[], from = 'molecule'): Promise<EmbeddingResponse> {
  if (engine.sourceOf(from) !== 'molecule') throw new IsoLensError('ARGUMENT_INVALID', `Expected "from" to be an encoder of molecules but received ${JSON.stringify(from)}, which reads others.`);
  const { rows, vectors, errors, tower } = await engine.embed(from, smiles);
  const results = new Array<EmbeddingResponse['results'][number]>(smiles.length);
  for (const { index, code, message } of errors) results[index] = { error: { code, message } };
  rows.forEach((item, row) => (results[item] = { embedding: Array.from(rowOf(vectors, row)) }));
  const { name, generation, dimension } = engine.manifest;
  return { index: name, generation, tower, dimension, results };
}

async function engineQuery(engine: SearchEngine, query: ServiceQuery): Promise<SearchQuery> {
  if (query.kind === 'sites') return { kind: 'sites', sites: query.sites.map((site) => [site]) };
  if (query.kind === 'embedding') return { kind: 'embedding', vector: Float32Array.from(query.embedding) };
  return query.kind === 'wells' ? profileOfTable(engine, await parseProfiles(query.table, 'the table'), query.perturbation) : query;
}

function withoutAbsent({ alignTo, highlightAtoms, marks, ...request }: DepictionRequest): DepictRequest {
  return { ...request, ...(alignTo === undefined ? {} : { alignTo }), ...(highlightAtoms === undefined ? {} : { highlightAtoms }), ...(marks === undefined ? {} : { marks }) };
}
