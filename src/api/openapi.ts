/** The OpenAPI 3.1 document, made from the schemas and the list of routes below. */
import type * as z from 'zod';
import type { ErrorCode } from '../core/index.ts';
import { componentsOf, propertiesOf, ref } from './components.ts';
import type { Json } from './components.ts';
import { EXAMPLES } from './examples.ts';
import { PROBLEMS, problemResponses } from './outcomes.ts';
import {
  libraryDetailSchema, libraryMapSchema, placesRequestSchema, placesResponseSchema, recallRequestSchema, recallResponseSchema,
  rejectPageSchema, rejectQuerySchema,
} from './library.ts';
import { LIBRARY_EXAMPLES } from './library-examples.ts';
import { readOptionsSchema, readResponseSchema } from './reading.ts';
import { replacementRequestSchema, replacementResponseSchema } from './replacements.ts';
import {
  capabilitiesSchema,
  depictionOptionsSchema,
  depictionRequestSchema,
  imageOptionsSchema,
  indexInfoSchema,
  moleculeSchema,
  problemSchema,
  searchRequestSchema,
  searchResponseSchema,
} from './schemas.ts';

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
    // Whoever reaches the service can ask it.
    security: [],
    paths: withProblems({
      '/v1/search': {
        post: operation('search', 'Search by SMILES, or by a molecule of the library', {
          requestBody: json('SearchRequest', EXAMPLES.searchRequest),
          ok: answer(ref('SearchResponse'), EXAMPLES.searchResponse),
        }),
      },
      '/v1/search/image': {
        post: operation('searchByImage', 'Search by a picture of a drawn structure', {
          parameters: queryParameters(imageOptionsSchema),
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
          ok: answer(ref('SearchResponse'), EXAMPLES.pictureResponse),
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
      '/v1/molecules/{id}': {
        get: operation('getMolecule', 'One molecule of a library', {
          parameters: [idParameter(), indexParameter()],
          ok: answer(ref('Molecule'), EXAMPLES.molecule),
        }),
      },
      '/v1/molecules/{id}/depiction.svg': {
        get: operation('depictMolecule', 'A drawing of one molecule', {
          parameters: [idParameter(), indexParameter(), ...queryParameters(depictionOptionsSchema)],
          ok: svg(),
        }),
      },
      '/v1/depictions': {
        post: operation('depict', 'A drawing of any molecule, or of a fragment with attachment points', {
          requestBody: json('DepictionRequest', EXAMPLES.depictionRequest),
          ok: svg(),
        }),
      },
      '/v1/indexes': {
        get: operation('listIndexes', 'The bundles that can be searched', {
          ok: answer({ type: 'array', items: ref('IndexInfo') }, EXAMPLES.indexes),
        }),
      },
      '/v1/indexes/{name}': {
        get: operation('getIndex', 'Where a library comes from, and what it was made with', {
          parameters: [nameParameter()],
          ok: answer(ref('LibraryDetail'), LIBRARY_EXAMPLES.detail),
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
        get: operation('getOpenApi', 'This document', { ok: answer({ type: 'object', required: ['openapi', 'info', 'paths'] }) }),
      },
      '/healthz': {
        get: operation('getHealth', 'Whether the service answers', {
          ok: answer(
            { type: 'object', required: ['status'], properties: { status: { const: 'ok' } }, additionalProperties: false },
            { status: 'ok' },
          ),
        }),
      },
    }),
    components: {
      schemas: componentsOf([
        [searchRequestSchema, 'input'],
        [replacementRequestSchema, 'input'],
        [depictionRequestSchema, 'input'],
        [recallRequestSchema, 'input'],
        [placesRequestSchema, 'input'],
        [searchResponseSchema, 'output'],
        [replacementResponseSchema, 'output'],
        [readResponseSchema, 'output'],
        [moleculeSchema, 'output'],
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

interface OperationParts {
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  /** The content of the answer, by media type. */
  readonly ok: Json;
}

function operation(id: string, summary: string, { parameters, requestBody, ok }: OperationParts): Json {
  return {
    operationId: id,
    summary,
    ...(parameters === undefined ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: { 200: { description: 'The answer', content: ok } },
  };
}

/** Adds to each operation how it may fail, listed by status. */
function withProblems(paths: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, described]) => {
          const { operationId, responses, ...rest } = described as { operationId: string; responses: Json };
          const codes: readonly ErrorCode[] = operationId in PROBLEMS ? PROBLEMS[operationId as keyof typeof PROBLEMS] : [];
          return [
            method,
            { operationId, ...rest, responses: { ...responses, ...problemResponses(codes, path.replace('{id}', EXAMPLES.molecule.id).replace('{name}', LIBRARY_EXAMPLES.detail.name)) } },
          ];
        }),
      ),
    ]),
  );
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
