/** The service's own description of itself (OpenAPI 3.1), and what the reference reads out of it. */
import { signal } from '@preact/signals';
import { client, messageOf } from '../service/client.ts';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: boolean | Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
}

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string; readonly schema?: Schema }>>;
  readonly content?: Readonly<Record<string, Media>>;
}

interface Described {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly description?: string; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly summary?: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

export interface Operation {
  /** As the address names it. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly described: Described;
}

export const JSON_TYPE = 'application/json';
export const DOCUMENT_PATH = '/openapi.json';

export const api = signal<OpenApi | undefined>(undefined);
export const trouble = signal<ReturnType<typeof messageOf> | undefined>(undefined);

export async function load(): Promise<void> {
  try {
    api.value = (await client.getOpenApi()) as unknown as OpenApi;
    trouble.value = undefined;
  } catch (thrown) {
    trouble.value = messageOf(thrown);
  }
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function operationsOf({ paths }: OpenApi): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) => METHODS.flatMap((method) => {
    const described = methods[method];
    if (described === undefined) return [];
    return [{ id: described.operationId ?? `${method} ${path}`, method: method.toUpperCase(), path, summary: described.summary ?? '', described }];
  }));
}

/** By what the document calls them, or by the first part of the path that tells them apart. */
export function grouped(operations: readonly Operation[]): ReadonlyMap<string, readonly Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const group = operation.described.tags?.[0] ?? operation.path.replace(/^\/v\d+\//, '').replace(/^\//, '').split('/', 1)[0] ?? '';
    groups.set(group, [...(groups.get(group) ?? []), operation]);
  }
  return groups;
}

/** Every word must stand somewhere: in the method, the path, the summary or the name. */
export function matches({ method, path, summary, id }: Operation, wanted: string): boolean {
  const text = `${method} ${path} ${summary} ${id}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

export interface Followed {
  readonly schema: Schema;
  /** Components that were followed on the way. */
  readonly names: readonly string[];
}

/** A reference that leads to itself ends, as nothing in particular. */
const MOST_STEPS = 16;

/** Follows references, and lays the parts of an `allOf` over each other. What stands beside a reference counts more than what it leads to. */
export function followed(schema: Schema, document: OpenApi): Followed {
  const names: string[] = [];
  let current = schema;
  for (let step = 0; current.$ref !== undefined; step++) {
    const name = decodeURIComponent(current.$ref.split('/').at(-1) ?? '');
    const { $ref: _, ...beside } = current;
    const target = step < MOST_STEPS ? document.components?.schemas?.[name] : undefined;
    if (target === undefined) return { schema: beside, names };
    names.push(name);
    current = { ...target, ...beside };
  }
  if (current.allOf === undefined || names.length >= MOST_STEPS) return { schema: current, names };
  const { allOf, ...own } = current;
  const parts = [...allOf.map((part) => (names.includes(part.$ref?.split('/').at(-1) ?? '') ? {} : followed(part, document).schema)), own];
  return {
    schema: Object.assign({}, ...parts, {
      properties: Object.assign({}, ...parts.map(({ properties }) => properties ?? {})) as Schema['properties'],
      required: parts.flatMap(({ required }) => required ?? []),
    }) as Schema,
    names,
  };
}

export interface ErrorCode {
  readonly status: string;
  readonly code: string | undefined;
  readonly title: string;
}

/** The document lists the codes of a status one a line: "`CODE`: title". */
export function errorsOf({ responses }: Described): readonly ErrorCode[] {
  return Object.entries(responses).filter(([status]) => !isGood(status)).flatMap(([status, { description }]) => description.split('\n').map((line) => {
    const found = /^`([A-Z][A-Z0-9_]*)`: (.*?)\.?$/.exec(line);
    return { status, code: found?.[1], title: found?.[2] ?? line };
  }));
}

export function isGood(status: string): boolean {
  return /^[123]/.test(status);
}
