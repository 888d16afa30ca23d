/** The OpenAPI 3.1 document, made from the schemas and the list of routes below. */
import * as z from 'zod';
import { replacementRequestSchema, replacementResponseSchema } from './replacements.ts';
import {
  capabilitiesSchema, depictionOptionsSchema, depictionRequestSchema, indexInfoSchema, moleculeSchema, problemSchema, searchOptionsSchema, searchRequestSchema, searchResponseSchema,
} from './schemas.ts';

const COMPONENTS = {
  SearchRequest: searchRequestSchema,
  SearchResponse: searchResponseSchema,
  ReplacementRequest: replacementRequestSchema,
  ReplacementResponse: replacementResponseSchema,
  Molecule: moleculeSchema,
  DepictionRequest: depictionRequestSchema,
  IndexInfo: indexInfoSchema,
  Capabilities: capabilitiesSchema,
  Problem: problemSchema,
} as const;

type Json = Record<string, unknown>;

export function openApiDocument(version: string): Json {
  const schemas: Json = {};
  for (const [name, schema] of Object.entries(COMPONENTS)) schemas[name] = inlineSchema(schema, name.endsWith('Request'));
  return {
    openapi: '3.1.0',
    info: {
      title: 'IsoLens',
      version,
      summary: 'Ranked bioisosteric candidates for a molecule or a drawn structure.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths: {
      '/v1/search': {
        post: operation('search', 'Search by SMILES or by the identifier of a library molecule', {
          requestBody: { required: true, content: { 'application/json': { schema: ref('SearchRequest') } } },
          ok: ref('SearchResponse'),
        }),
      },
      '/v1/search/image': {
        post: operation('searchByImage', 'Search by a picture of a drawn structure', {
          parameters: queryParameters(searchOptionsSchema),
          requestBody: {
            required: true,
            content: {
              'multipart/form-data': { schema: { type: 'object', required: ['image'], properties: { image: { type: 'string', format: 'binary' }, ...propertiesOf(searchOptionsSchema) } } },
              ...Object.fromEntries(['image/png', 'image/jpeg', 'image/webp', 'image/tiff'].map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
            },
          },
          ok: ref('SearchResponse'),
        }),
      },
      '/v1/replacements': {
        post: operation('replace', 'What was seen in the place of a group, with its evidence, and new molecules', {
          requestBody: { required: true, content: { 'application/json': { schema: ref('ReplacementRequest') } } },
          ok: ref('ReplacementResponse'),
        }),
      },
      '/v1/molecules/{id}': { get: operation('getMolecule', 'One molecule of a library', { parameters: [idParameter(), indexParameter()], ok: ref('Molecule') }) },
      '/v1/molecules/{id}/depiction.svg': {
        get: operation('depictMolecule', 'A drawing of one molecule', {
          parameters: [idParameter(), indexParameter(), ...queryParameters(depictionOptionsSchema)],
          okContent: { 'image/svg+xml': { schema: { type: 'string' } } },
        }),
      },
      '/v1/depictions': {
        post: operation('depict', 'A drawing of any molecule', {
          requestBody: { required: true, content: { 'application/json': { schema: ref('DepictionRequest') } } },
          okContent: { 'image/svg+xml': { schema: { type: 'string' } } },
        }),
      },
      '/v1/indexes': { get: operation('listIndexes', 'The bundles that can be searched', { ok: { type: 'array', items: ref('IndexInfo') } }) },
      '/v1/capabilities': { get: operation('getCapabilities', 'What this service accepts, and its limits', { ok: ref('Capabilities') }) },
      '/openapi.json': { get: operation('getOpenApi', 'This document', { ok: { type: 'object' } }) },
      '/healthz': { get: operation('getHealth', 'Whether the service answers', { ok: { type: 'object', properties: { status: { const: 'ok' } } } }) },
    },
    components: { schemas },
  };
}

function ref(name: keyof typeof COMPONENTS): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** zod emits shared parts under $defs with local references; the document wants each component whole. */
function inlineSchema(schema: z.ZodType, isInput: boolean): Json {
  const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: isInput ? 'input' : 'output', unrepresentable: 'any' }) as Json;
  const defs = (json['$defs'] ?? {}) as Record<string, Json>;
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolve);
    if (typeof node !== 'object' || node === null) return node;
    const reference = (node as Json)['$ref'];
    if (typeof reference === 'string') return resolve(defs[reference.split('/').at(-1)!] ?? {});
    return Object.fromEntries(Object.entries(node).filter(([key]) => key !== '$defs' && key !== '$schema' && key !== 'id').map(([key, value]) => [key, resolve(value)]));
  };
  return resolve(json) as Json;
}

function operation(id: string, summary: string, parts: { parameters?: Json[]; requestBody?: Json; ok?: Json; okContent?: Json }): Json {
  const problem = { description: 'A problem, with a stable code', content: { 'application/problem+json': { schema: ref('Problem') } } };
  return {
    operationId: id,
    summary,
    ...(parts.parameters === undefined ? {} : { parameters: parts.parameters }),
    ...(parts.requestBody === undefined ? {} : { requestBody: parts.requestBody }),
    responses: { 200: { description: 'The answer', content: parts.okContent ?? { 'application/json': { schema: parts.ok } } }, '4XX': problem, '5XX': problem },
  };
}

function propertiesOf(schema: z.ZodObject): Record<string, Json> {
  return (inlineSchema(schema, true) as { properties: Record<string, Json> }).properties;
}

function queryParameters(options: z.ZodObject): Json[] {
  return Object.entries(propertiesOf(options)).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function idParameter(): Json {
  return { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
}

function indexParameter(): Json {
  return { name: 'index', in: 'query', required: false, schema: { type: 'string' } };
}
