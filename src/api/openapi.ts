/** The OpenAPI 3.1 document, made from the schemas and the list of routes below. */
import type * as z from 'zod';
import { componentsOf, propertiesOf, ref } from './components.ts';
import type { Json } from './components.ts';
import { embeddingRequestSchema, embeddingResponseSchema } from './embeddings.ts';
import { EXAMPLES } from './examples.ts';
import { FILE_FORMATS, FILE_FORMAT_IDS, answerFormatSchema, exportRequestSchema } from './export.ts';
import { indexLibrarySchema, jobPageSchema, jobRemovalSchema, jobRequestSchema, jobResultsSchema, jobSchema } from './jobs.ts';
import {
  libraryDetailSchema, libraryMapSchema, placesRequestSchema, placesResponseSchema, recallRequestSchema, recallResponseSchema,
  rejectPageSchema, rejectQuerySchema,
} from './library.ts';
import { LIBRARY_EXAMPLES } from './library-examples.ts';
import { operation, withProblems } from './operations.ts';
import { readOptionsSchema, readResponseSchema } from './reading.ts';
import { replacementRequestSchema, replacementResponseSchema } from './replacements.ts';
import {
  capabilitiesSchema,
  depictionOptionsSchema,
  depictionRequestSchema,
  cellsOptionsSchema,
  imageOptionsSchema,
  profileOptionsSchema,
  indexInfoSchema,
  moleculeSchema,
  placedDepictionSchema,
  problemSchema,
  searchRequestSchema,
  searchResponseSchema,
} from './schemas.ts';
import { understandRequestSchema, understandingSchema } from './understanding.ts';

/** What the image decoder reads; the bytes decide, not the declared type, so any binary body may be sent. */
const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/tiff', 'application/octet-stream'];
const BINARY = { type: 'string', format: 'binary' };

export function openApiDocument(version: string): Json & { readonly paths: Readonly<Record<string, Json>> } {
  return {
    openapi: '3.1.0',
    info: {
      title: 'IsoLens',
      version,
      summary: 'Ranked bioisosteric candidates for a molecule or a drawn structure.',
      description:
        'JSON in camelCase; unknown keys are refused. Every failure is an RFC 9457 problem with a stable code. Where GET is, HEAD is.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The server that this document comes from' }],
    // Whoever reaches the service can ask it, unless it was started with keys.
    security: [{}, { apiKey: [] }],
    paths: withProblems({
      '/v1/search': {
        post: operation('search', 'Search by SMILES, by a molecule of the library, or by an embedding', {
          parameters: queryParameters(answerFormatSchema),
          requestBody: json('SearchRequest', EXAMPLES.searchRequest),
          headers: FILE_HEADERS,
          ok: { ...answer(ref('SearchResponse'), EXAMPLES.searchResponse), ...fileContents() },
        }),
      },
      '/v1/embeddings': {
        post: operation('embed', 'Embeddings of molecules, to be kept or searched by', {
          requestBody: json('EmbeddingRequest', EXAMPLES.embeddingRequest),
          ok: answer(ref('EmbeddingResponse'), EXAMPLES.embeddingResponse),
        }),
      },
      '/v1/understand': {
        post: operation('understand', 'What a text means: the molecule that would be searched, before it is', {
          requestBody: json('UnderstandRequest', EXAMPLES.understandRequest),
          ok: answer(ref('Understanding'), EXAMPLES.understanding),
        }),
      },
      '/v1/search/image': {
        post: operation('searchByImage', 'Search by a picture of a drawn structure', {
          parameters: [...queryParameters(imageOptionsSchema), ...queryParameters(answerFormatSchema)],
          requestBody: {
            required: true,
            description:
              'PNG, JPEG, WebP, GIF (one frame) or TIFF, as the body or as the field "image" of a form; its bytes decide what it is.',
            content: {
              'multipart/form-data': {
                schema: { type: 'object', required: ['image'], properties: { image: BINARY, ...propertiesOf(imageOptionsSchema) } },
              },
              ...Object.fromEntries(IMAGE_TYPES.map((type) => [type, { schema: BINARY }])),
            },
          },
          headers: FILE_HEADERS,
          ok: { ...answer(ref('SearchResponse'), EXAMPLES.pictureResponse), ...fileContents() },
        }),
      },
      '/v1/search/cells': {
        post: operation('searchByCells', 'Search by sites of treated cells under the microscope', {
          parameters: queryParameters(answerFormatSchema),
          requestBody: {
            required: true,
            description: 'Sites of one perturbation, 1 to 16 files in the field "site": each a TIFF with a page for each channel. The mean of their embeddings is searched. The library must be indexed by a model of cells.',
            content: { 'multipart/form-data': { schema: { type: 'object', required: ['site'], properties: { site: { type: 'array', items: { ...BINARY, examples: ['site-1.tif'] } }, ...propertiesOf(cellsOptionsSchema) } } } },
          },
          headers: FILE_HEADERS,
          ok: { ...answer(ref('SearchResponse'), EXAMPLES.cellsResponse), ...fileContents() },
        }),
      },
      '/v1/search/profile': {
        post: operation('searchByProfile', 'Search by a morphological profile of treated cells', {
          parameters: queryParameters(answerFormatSchema),
          requestBody: {
            required: true,
            description: 'A table as CellProfiler or pycytominer writes it in the field "table", comma- or tab-separated, plain or gzipped, or as Parquet: a row a well, with the negative controls of its plates. The library must be indexed by a model of profiles.',
            content: { 'multipart/form-data': { schema: { type: 'object', required: ['table'], properties: { table: { ...BINARY, examples: ['plate.csv'] }, ...propertiesOf(profileOptionsSchema) } } } },
          },
          headers: FILE_HEADERS,
          ok: { ...answer(ref('SearchResponse'), EXAMPLES.profileResponse), ...fileContents() },
        }),
      },
      '/v1/read': {
        post: operation('read', 'Read a picture of a drawn structure: its molecule, with what is doubtful', {
          parameters: queryParameters(readOptionsSchema),
          requestBody: {
            required: true,
            description: 'As for /v1/search/image.',
            content: {
              'multipart/form-data': { schema: { type: 'object', required: ['image'], properties: { image: BINARY, ...propertiesOf(readOptionsSchema) } } },
              ...Object.fromEntries(IMAGE_TYPES.map((type) => [type, { schema: BINARY }])),
            },
          },
          ok: answer(ref('ReadResponse'), EXAMPLES.readResponse),
        }),
      },
      '/v1/replacements': {
        post: operation('replace', 'What was seen in the place of a group, with its evidence, and new molecules', {
          requestBody: json('ReplacementRequest', EXAMPLES.replacementRequest),
          ok: answer(ref('ReplacementResponse'), EXAMPLES.replacementResponse),
        }),
      },
      '/v1/export': {
        post: operation('export', 'A file of records: SDF with 2D coordinates, SMILES, CSV or JSONL', {
          requestBody: json('ExportRequest', EXAMPLES.exportRequest),
          headers: FILE_HEADERS,
          ok: fileContents(),
        }),
      },
      '/v1/jobs': {
        get: operation('listJobs', 'The jobs that are kept, the newest first', {
          ok: answer({ type: 'array', items: ref('Job') }, EXAMPLES.jobs),
        }),
        post: operation('createJob', 'Search for each molecule of a list, in the background', {
          requestBody: json('JobRequest', EXAMPLES.jobRequest),
          status: 202,
          headers: { Location: { description: 'Where the job is.', schema: { type: 'string' } } },
          ok: answer(ref('Job'), EXAMPLES.job),
        }),
      },
      '/v1/jobs/{id}': {
        get: operation('getJob', 'How far a job is', { parameters: [jobParameter()], ok: answer(ref('Job'), EXAMPLES.job) }),
        delete: operation('removeJob', 'Cancel a job that waits or runs, or delete one that has ended', {
          parameters: [jobParameter()],
          ok: answer(ref('JobRemoval'), EXAMPLES.jobRemoval),
        }),
      },
      '/v1/jobs/{id}/events': {
        get: operation('followJob', 'How far a job is, told whenever that changes, until it has ended: server-sent events "job"', {
          parameters: [jobParameter()],
          ok: { 'text/event-stream': { schema: { type: 'string', description: 'Of each event, the data is a Job.' }, example: `event: job\ndata: ${JSON.stringify(EXAMPLES.job)}\n\n` } },
        }),
      },
      '/v1/jobs/{id}/results': {
        get: operation('getJobResults', 'What a job has found so far: as files, one row a hit', {
          parameters: [jobParameter(), ...queryParameters(jobPageSchema), ...queryParameters(answerFormatSchema)],
          ok: { ...answer(ref('JobResults'), EXAMPLES.jobResults), ...fileContents() },
        }),
      },
      '/v1/molecules/{id}': {
        get: operation('getMolecule', 'One molecule of a library', {
          isKept: true,
          parameters: [idParameter(), indexParameter()],
          ok: answer(ref('Molecule'), EXAMPLES.molecule),
        }),
      },
      '/v1/molecules/{id}/depiction.svg': {
        get: operation('depictMolecule', 'A drawing of one molecule', {
          isKept: true,
          parameters: [idParameter(), indexParameter(), ...queryParameters(depictionOptionsSchema)],
          ok: svg(),
        }),
      },
      '/v1/depictions': {
        post: operation('depict', 'A drawing of any molecule, or of a fragment with attachment points', {
          requestBody: json('DepictionRequest', EXAMPLES.depictionRequest),
          ok: { ...svg(), ...answer(ref('PlacedDepiction'), EXAMPLES.placedDepiction) },
        }),
      },
      '/v1/indexes': {
        get: operation('listIndexes', 'The bundles that can be searched', {
          isKept: true,
          ok: answer({ type: 'array', items: ref('IndexInfo') }, EXAMPLES.indexes),
        }),
      },
      '/v1/indexes/{name}': {
        get: operation('getIndex', 'Where a library comes from, and what it was made with', {
          isKept: true,
          parameters: [nameParameter()],
          ok: answer(ref('LibraryDetail'), LIBRARY_EXAMPLES.detail),
        }),
      },
      '/v1/indexes/{name}/library': {
        post: operation('indexLibrary', 'Make a library searchable, in the background', {
          parameters: [nameParameter(), ...queryParameters(indexLibrarySchema)],
          requestBody: {
            required: true,
            description: 'The file itself. The index is made with the shipped model and answers under its name when the job is done; one that has this name already answers until then. The service must be started with --allow-indexing.',
            content: { 'application/octet-stream': { schema: { ...BINARY, examples: ['library.smi.gz'] } } },
          },
          status: 202,
          headers: { Location: { description: 'Where the job is.', schema: { type: 'string' } } },
          ok: answer(ref('Job'), EXAMPLES.indexJob),
        }),
      },
      '/v1/indexes/{name}/rejects': {
        get: operation('listRejects', 'Records of a library that could not be used, each with the reason', {
          parameters: [nameParameter(), ...queryParameters(rejectQuerySchema)],
          ok: answer(ref('RejectPage'), LIBRARY_EXAMPLES.rejects),
        }),
      },
      '/v1/indexes/{name}/recall': {
        post: operation('measureRecall', 'How much of what exact search finds the index finds, and how fast', {
          parameters: [nameParameter()],
          requestBody: json('RecallRequest', LIBRARY_EXAMPLES.recallRequest),
          ok: answer(ref('RecallResponse'), LIBRARY_EXAMPLES.recall),
        }),
      },
      '/v1/indexes/{name}/map': {
        get: operation('getMap', 'A map of a library: like molecules lie together', {
          isKept: true,
          parameters: [nameParameter()],
          ok: answer(ref('LibraryMap'), LIBRARY_EXAMPLES.map),
        }),
      },
      '/v1/indexes/{name}/places': {
        post: operation('findPlaces', 'Where molecules lie on the map', {
          parameters: [nameParameter()],
          requestBody: json('PlacesRequest', LIBRARY_EXAMPLES.placesRequest),
          ok: answer(ref('PlacesResponse'), LIBRARY_EXAMPLES.places),
        }),
      },
      '/v1/capabilities': {
        get: operation('getCapabilities', 'What this service accepts, and its limits', {
          ok: answer(ref('Capabilities'), EXAMPLES.capabilities),
        }),
      },
      '/openapi.json': {
        get: operation('getOpenApi', 'This document', { ok: answer({ type: 'object', required: ['openapi', 'info', 'paths'], properties: { openapi: { type: 'string' }, info: { type: 'object' }, paths: { type: 'object' } } }) }),
      },
      '/healthz': {
        get: operation('getHealth', 'Whether the service answers', {
          ok: answer(
            { type: 'object', required: ['status'], properties: { status: { const: 'ok' } }, additionalProperties: false },
            { status: 'ok' },
          ),
        }),
      },
      '/readyz': {
        get: operation('getReadiness', 'Whether the service takes requests', {
          ok: answer(
            { type: 'object', required: ['status'], properties: { status: { const: 'ready' } }, additionalProperties: false },
            { status: 'ready' },
          ),
        }),
      },
      '/metrics': {
        get: operation('getMetrics', 'Counts and times for a monitor, in the Prometheus text format', {
          ok: { 'text/plain': { schema: { type: 'string' }, example: EXAMPLES.metrics } },
        }),
      },
    }),
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'Of a service that was started with keys. Programs on its own machine read /metrics without one.',
        },
      },
      schemas: componentsOf([
        [searchRequestSchema, 'input'],
        [replacementRequestSchema, 'input'],
        [depictionRequestSchema, 'input'],
        [exportRequestSchema, 'input'],
        [jobRequestSchema, 'input'],
        [jobSchema, 'output'],
        [jobResultsSchema, 'output'],
        [jobRemovalSchema, 'output'],
        [recallRequestSchema, 'input'],
        [placesRequestSchema, 'input'],
        [searchResponseSchema, 'output'],
        [replacementResponseSchema, 'output'],
        [readResponseSchema, 'output'],
        [moleculeSchema, 'output'],
        [placedDepictionSchema, 'output'],
        [embeddingRequestSchema, 'input'],
        [embeddingResponseSchema, 'output'],
        [understandRequestSchema, 'input'],
        [understandingSchema, 'output'],
        [indexInfoSchema, 'output'],
        [libraryDetailSchema, 'output'],
        [rejectPageSchema, 'output'],
        [recallResponseSchema, 'output'],
        [libraryMapSchema, 'output'],
        [placesResponseSchema, 'output'],
        [capabilitiesSchema, 'output'],
        [problemSchema, 'output'],
      ]),
    },
  };
}

function json(component: string, example: unknown): Json {
  return { required: true, content: { 'application/json': { schema: ref(component), example } } };
}

function answer(schema: Json, example?: unknown): Json {
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } };
}

function svg(): Json {
  return { 'image/svg+xml': { schema: { type: 'string' }, example: EXAMPLES.depiction } };
}

const FILE_HEADERS: Json = {
  'Content-Disposition': { description: 'Of a file: its name.', schema: { type: 'string' } },
  'X-Skipped': {
    description: 'Of an SDF: identifiers, percent-encoded, of records whose structure cannot be read. They are in the file, without atoms.',
    schema: { type: 'string' },
  },
  'X-Skipped-Count': { description: 'How many they are; of many, the first are named.', schema: { type: 'integer' } },
};

function fileContents(): Json {
  return Object.fromEntries(
    FILE_FORMAT_IDS.map((id) => [FILE_FORMATS[id].mediaType, { schema: { type: 'string' }, example: EXAMPLES.files[id] }]),
  );
}

function jobParameter(): Json {
  return { name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: EXAMPLES.job.id };
}

function queryParameters(options: z.ZodObject): Json[] {
  return Object.entries(propertiesOf(options)).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function idParameter(): Json {
  const description = 'An identifier of the molecule in the library, its name, or its InChIKey (with or without "InChIKey=").';
  return { name: 'id', in: 'path', required: true, description, schema: { type: 'string' }, example: 'aspirin' };
}

function nameParameter(): Json {
  return { name: 'name', in: 'path', required: true, description: 'Name of the bundle.', schema: { type: 'string' }, example: 'demo' };
}

function indexParameter(): Json {
  return {
    name: 'index',
    in: 'query',
    required: false,
    description: 'Name of the bundle; the first one where absent.',
    schema: { type: 'string' },
  };
}
