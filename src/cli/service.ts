/** Open bundles as the service that the HTTP layer asks. */
import type {
  Capabilities, DepictionRequest, FileFormat, IndexInfo, LibraryDetail, LibraryMap, Molecule, PlacedDepiction, PlacesRequest, PlacesResponse, ReadResponse,
  RecallRequest, RecallResponse, RejectPage, ReplacementRequest, ReplacementResponse, SearchOptions, SearchResponse, UnderstandRequest, Understanding,
} from '../api/index.ts';
import { MAX_K } from '../api/index.ts';
import { NAMED_GROUPS, SMILES_LIMITS, valueOf } from '../chem/index.ts';
import type { ChemPool, DepictRequest } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { IMAGE_FORMATS, IMAGE_LIMITS } from '../image/index.ts';
import { parseProfiles } from '../ingest/index.ts';
import { MODALITIES } from '../modalities/index.ts';
import type { DrawingReader } from '../reading/index.ts';
import { readStructure } from '../search/index.ts';
import type { SearchEngine, SearchQuery } from '../search/index.ts';
import type { SearchService, ServiceQuery, Table, WriteCall } from '../server/index.ts';
import { profileOfTable } from './cells-query.ts';
import type { LazyReplacements } from './evidence.ts';
import { detailOf, infoOf, mapOf, placesOf, recallOf, rejectsOf } from './library-page.ts';
import { describeReading } from './reading.ts';
import { replaceIn } from './replacing.ts';
import { writeTable } from './writing.ts';

export interface BundleServiceOptions {
  /** The first answers where a request names none. */
  readonly engines: readonly SearchEngine[];
  readonly chem: ChemPool;
  readonly replacements: LazyReplacements;
  /** Absent where no reader is installed. */
  readonly reader: DrawingReader | undefined;
  readonly version: string;
  readonly now: () => number;
}

export class BundleService implements SearchService {
  private readonly engines: ReadonlyMap<string, SearchEngine>;
  private readonly chem: ChemPool;
  private readonly table: LazyReplacements;
  private readonly reader: DrawingReader | undefined;
  private readonly version: string;
  private readonly now: () => number;

  constructor({ engines, chem, replacements, reader, version, now }: BundleServiceOptions) {
    this.engines = new Map(engines.map((engine) => [engine.manifest.name, engine]));
    this.chem = chem;
    this.table = replacements;
    this.reader = reader;
    this.version = version;
    this.now = now;
  }

  capabilities(): Capabilities {
    const asked = new Set([...this.engines.values()].flatMap((engine) => engine.modalities));
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
      indexes: [...this.engines.keys()],
    };
  }

  indexes(): IndexInfo[] {
    return [...this.engines.values()].map(infoOf);
  }

  async library(name: string): Promise<LibraryDetail> {
    return detailOf(this.engine(name), this.reader);
  }

  async rejects(name: string, from: number, limit: number): Promise<RejectPage> {
    return rejectsOf(this.engine(name), from, limit);
  }

  async recall(name: string, request: RecallRequest, left: AbortSignal): Promise<RecallResponse> {
    return recallOf(this.engine(name), request, left, this.now);
  }

  map(name: string): LibraryMap {
    return mapOf(this.engine(name));
  }

  async places(name: string, request: PlacesRequest): Promise<PlacesResponse> {
    return placesOf(this.engine(name), request);
  }

  async search(query: ServiceQuery, { index, ...options }: SearchOptions): Promise<SearchResponse> {
    const engine = this.engine(index);
    return engine.search(await engineQuery(engine, query), options);
  }

  async read(bytes: Uint8Array, structure: number): Promise<ReadResponse> {
    const started = this.now();
    if (this.reader === undefined) throw new IsoLensError('MODALITY_UNSUPPORTED', 'Expected a reader of drawings but none is installed with this service; search by the picture instead.');
    return describeReading(await readStructure(this.reader, this.chem, bytes, structure), this.reader.vocabulary, this.now() - started);
  }

  async replacements({ index, ...request }: ReplacementRequest): Promise<ReplacementResponse> {
    return replaceIn({ chem: this.chem, table: this.table(), engine: this.engine(index), now: this.now }, request);
  }

  molecule(id: string, index: string | undefined): Molecule {
    const engine = this.engine(index);
    const { ids, smiles, names, inchiKey, properties } = engine.moleculeCalled(id);
    // Asked by a name, it is told by the identifier that the library gave it first.
    const own = ids.includes(id) ? id : ids[0]!;
    const otherIds = ids.filter((other) => other !== own);
    return { id: own, otherIds, smiles, names: [...names], inchiKey, properties: { ...properties }, index: engine.manifest.name };
  }

  async understand({ text, index }: UnderstandRequest): Promise<Understanding> {
    const engine = this.engine(index);
    return { ...(await engine.understand(text)), index: engine.manifest.name };
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

  private engine(name: string | undefined): SearchEngine {
    const engine = name === undefined ? [...this.engines.values()][0] : this.engines.get(name);
    if (engine !== undefined) return engine;
    throw new IsoLensError('BUNDLE_NOT_FOUND', `Expected one of the indexes ${[...this.engines.keys()].join(', ')} but received ${JSON.stringify(name)}.`);
  }
}

async function engineQuery(engine: SearchEngine, query: ServiceQuery): Promise<SearchQuery> {
  if (query.kind === 'sites') return { kind: 'sites', sites: query.sites.map((site) => [site]) };
  return query.kind === 'wells' ? profileOfTable(engine, await parseProfiles(query.table, 'the table'), query.perturbation) : query;
}

function withoutAbsent({ alignTo, highlightAtoms, marks, ...request }: DepictionRequest): DepictRequest {
  return { ...request, ...(alignTo === undefined ? {} : { alignTo }), ...(highlightAtoms === undefined ? {} : { highlightAtoms }), ...(marks === undefined ? {} : { marks }) };
}
