import { readFileSync, readdirSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../src/api/index.ts';
import { DESCRIPTOR_NAMES } from '../../src/chem/index.ts';
import { ERROR_KINDS } from '../../src/core/index.ts';
import type { ErrorCode } from '../../src/core/index.ts';
import { IMAGE_FORMATS } from '../../src/image/index.ts';

type Json = Record<string, unknown>;
interface OperationResponse { description: string; content: Json }
interface Problems { schema: { allOf: [Json, { properties: { code: { enum: ErrorCode[] } } }] }; example: Json }
interface Operation {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; schema: Json }[];
  requestBody?: { content: Json };
  responses: Record<string, OperationResponse>;
}

const document = openApiDocument('1.2.3') as Json & { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Json> } };
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

/** Every `$ref` below a node. */
function refsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(refsIn);
  if (typeof node !== 'object' || node === null) return [];
  const { $ref, ...rest } = node as Json;
  return [...(typeof $ref === 'string' ? [$ref] : []), ...Object.values(rest).flatMap(refsIn)];
}

/** Every object with "required" below a node. */
function objectsIn(node: unknown): Json[] {
  if (Array.isArray(node)) return node.flatMap(objectsIn);
  if (typeof node !== 'object' || node === null) return [];
  return [...('required' in node && Array.isArray(node.required) ? [node as Json] : []), ...Object.values(node).flatMap(objectsIn)];
}

/** Routes as the server's source registers them: `:id` written as `{id}`, routers below /v1. */
function routesInSource(): string[] {
  const folder = new URL('../../src/server/', import.meta.url);
  const files = ['app.ts', ...readdirSync(new URL('routes/', folder)).map((name) => `routes/${name}`)];
  return files.flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/\b(app|router)\.(get|post|put|delete)\('([^']+)'/g)]
    .map(([, owner, method, path]) => `${method} ${owner === 'router' ? '/v1' : ''}${path!.replaceAll(/:(\w+)/g, '{$1}')}`));
}

const OPTIONS = [
  'k', 'index', 'minScore', 'from', 'to', 'mode', 'reasons', 'properties', 'require', 'forbid', 'maxTanimoto', 'differentScaffold', 'scaffoldDistance', 'onePerScaffold', 'noAlerts', 'diversity', 'among', 'exclude', 'exact', 'excludeSelf', 'efSearch',
];

describe('OpenAPI document', () => {
  it('gives a linter that is not ours nothing to find', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
    expect(found.map(({ ruleId, message, location: [where] }) => `${ruleId} ${message} ${where?.pointer}`)).toEqual([]);
  });

  it('describes every route of the server, and no other', () => {
    const routes = routesInSource();
    expect(routes.length).toBeGreaterThan(7);
    expect(operations.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(routes.sort());
  });

  it('has no reference that leads nowhere, and no part that nothing refers to', () => {
    const refs = refsIn(document);
    const names = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(refs.length).toBeGreaterThan(5);
    expect([...new Set(refs)].filter((ref) => !names.includes(ref))).toEqual([]);
    expect(names.filter((name) => !refs.includes(name))).toEqual([]);
  });

  it('gives each operation a name, a summary, an answer and its problems', () => {
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      expect(operation.summary.length, path).toBeGreaterThan(5);
      const statuses = Object.keys(operation.responses);
      expect(statuses, path).toEqual(expect.arrayContaining(['421', '500']));
      expect(statuses[0], path).toMatch(/^20[02]$/);
      for (const status of statuses.slice(1).filter((one) => one !== '304')) {
        const { description, content } = operation.responses[status]!;
        const { schema, example } = content['application/problem+json'] as Problems;
        const codes = schema.allOf[1].properties.code.enum;
        for (const code of codes) {
          expect([String(ERROR_KINDS[code].status), description.includes(code)], `${path} ${code}`).toEqual([status, true]);
        }
        expect(example['code']).toBe(codes[0]);
      }
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect((operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name), path).toEqual(inPath);
    }
  });

  it('says what is optional in a request and what is there in an answer', () => {
    const { SearchRequest, SearchResponse } = document.components.schemas as Record<string, { required: string[]; additionalProperties: boolean; properties: Json }>;
    expect(SearchRequest!.required).toEqual(['query']);
    expect(SearchRequest!.additionalProperties).toBe(false);
    expect(Object.keys(SearchRequest!.properties)).toEqual(['query', ...OPTIONS]);
    expect(SearchResponse!.required).toEqual(['query', 'index', 'mode', 'filters', 'hits', 'tookMs']);
    const { parameters = [] } = document.paths['/v1/search/image']!['post']!;
    expect(parameters.map(({ name }) => name)).toEqual([...OPTIONS, 'via', 'format']);
  });

  it('names the parts that a client has types for, with every field that is required', () => {
    const { schemas } = document.components;
    const wanted = ['Hit', 'Reason', 'ScoreTerm', 'Descriptors', 'Alert', 'Proposal', 'ReplaceableGroup', 'SearchQuery', 'Problem'];
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(wanted));
    expect(schemas['Hit']!['properties']).toMatchObject({
      id: { type: 'string' }, descriptors: { $ref: '#/components/schemas/Descriptors' },
      alerts: { items: { $ref: '#/components/schemas/Alert' } },
    });
    for (const { required, properties } of objectsIn(schemas)) {
      expect(Object.keys(properties as Json)).toEqual(expect.arrayContaining(required as string[]));
    }
  });

  it('lists every error code that a request can meet: a new code is put where it belongs', () => {
    const elsewhere: readonly ErrorCode[] = [
      'METHOD_NOT_ALLOWED', 'FILE_FORMAT_UNKNOWN', 'BUNDLE_BUSY', 'INDEX_CORRUPT',
      'GRAPH_INVALID', 'NATIVE_UNAVAILABLE', 'NATIVE_FAILED', 'DEVICE_UNAVAILABLE', 'DEVICE_OUT_OF_MEMORY', 'DEVICE_FAILED',
      'CHECKPOINT_INVALID', 'TRAINING_DIVERGED',
      // The service does not search in databases.
      'DATABASE_UNAVAILABLE', 'DATABASE_READ_ONLY', 'DATABASE_UNSUITABLE',
    ];
    const text = JSON.stringify(document.paths);
    const unlisted = Object.keys(ERROR_KINDS).filter((code) => !text.includes(`"${code}"`));
    expect(unlisted.sort()).toEqual([...elsewhere].sort());
  });

  it('explains every descriptor, and no other', () => {
    const { properties } = document.components.schemas['Descriptors'] as { properties: Record<string, { description: string }> };
    expect(Object.keys(properties)).toEqual([...DESCRIPTOR_NAMES]);
    for (const { description } of Object.values(properties)) expect(description).toMatch(/\.$/);
  });

  it('says where it is served, what keys are asked for, and which pictures are read', () => {
    expect(document).toMatchObject({ servers: [{ url: '/' }], security: [{}, { apiKey: [] }], components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } } });
    const open = operations.filter(({ operation }) => 'security' in operation).map(({ path }) => path);
    expect(open).toEqual(['/openapi.json', '/healthz', '/readyz']);
    const media = Object.keys(document.paths['/v1/search/image']!['post']!.requestBody!.content);
    expect(media).toEqual(expect.arrayContaining(['multipart/form-data', ...IMAGE_FORMATS.map((format) => `image/${format}`)]));
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});
