import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../src/api/index.ts';

type Json = Record<string, unknown>;
interface Operation { operationId: string; summary: string; parameters?: { name: string; in: string; schema: Json }[]; requestBody?: { content: Json }; responses: Record<string, { content: Json }> }

const document = openApiDocument('1.2.3') as Json & { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Json> } };
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));

/** Every `$ref` below a node. */
function refsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(refsIn);
  if (typeof node !== 'object' || node === null) return [];
  const { $ref, ...rest } = node as Json;
  return [...(typeof $ref === 'string' ? [$ref] : []), ...Object.values(rest).flatMap(refsIn)];
}

/** Routes as the server's source registers them: `:id` written as `{id}`, routers below /v1. */
function routesInSource(): string[] {
  const folder = new URL('../../src/server/', import.meta.url);
  const files = ['app.ts', ...readdirSync(new URL('routes/', folder)).map((name) => `routes/${name}`)];
  return files.flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/\b(app|router)\.(get|post|put|delete)\('([^']+)'/g)]
    .map(([, owner, method, path]) => `${method} ${owner === 'router' ? '/v1' : ''}${path!.replaceAll(/:(\w+)/g, '{$1}')}`));
}

const OPTIONS = [
  'k', 'index', 'minScore', 'mode', 'reasons', 'properties', 'require', 'forbid', 'maxTanimoto', 'differentScaffold', 'onePerScaffold', 'noAlerts', 'diversity', 'exclude', 'exact', 'excludeSelf', 'efSearch',
];

describe('OpenAPI document', () => {
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
      expect(Object.keys(operation.responses), path).toEqual(['200', '4XX', '5XX']);
      expect(Object.keys(operation.responses['4XX']!.content)).toEqual(['application/problem+json']);
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
    expect(parameters.map(({ name }) => name)).toEqual(OPTIONS);
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});
