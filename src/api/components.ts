/** Schemas as the named components of the OpenAPI document. */
import * as z from 'zod';

export type Json = Record<string, unknown>;

/** Whether a schema describes what is sent to the service (defaults may be left out) or what comes back. */
export type Direction = 'input' | 'output';

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

export function ref(name: string): Json {
  return { $ref: `${SHARED}${name}` };
}

/** A schema that bears an id becomes a component of that name, and so does every such part of it; the others stand where they are used. */
export function componentsOf(schemas: readonly (readonly [schema: z.ZodType, direction: Direction])[]): Record<string, Json> {
  const components: Record<string, Json> = {};
  for (const [schema, direction] of schemas) {
    for (const [name, component] of Object.entries(namedParts(schema, direction))) {
      if (name in components && JSON.stringify(components[name]) !== JSON.stringify(component))
        throw new Error(`Two different schemas are called ${name}.`);
      components[name] = component;
    }
  }
  return components;
}

/** The properties of an object, for parameters and form fields. */
export function propertiesOf(schema: z.ZodObject): Record<string, Json> {
  const { inline } = taken(schema, 'input');
  return (inline as { properties: Record<string, Json> }).properties;
}

function namedParts(schema: z.ZodType, direction: Direction): Record<string, Json> {
  const { named, inline } = taken(schema, direction);
  const id = schema.meta()?.id;
  return id === undefined || id in named ? named : { ...named, [id]: inline as Json };
}

/** zod puts what has an id, and what is used twice, under $defs. Only keywords are touched: a property may bear any name. */
function taken(schema: z.ZodType, direction: Direction): { named: Record<string, Json>; inline: unknown } {
  const {
    $defs = {},
    $schema: _,
    ...root
  } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: direction, unrepresentable: 'any' }) as Json;
  const defs = $defs as Record<string, Json>;
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(resolve);
    if (typeof node !== 'object' || node === null) return node;
    const { $ref, ...rest } = node as Json;
    const own = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, resolve(value)]));
    if (typeof $ref !== 'string') return $ref === undefined ? own : { $ref: resolve($ref), ...own };
    const name = $ref.slice(LOCAL.length);
    return isNamed(name) ? { ...ref(name), ...own } : { ...(resolve(defs[name] ?? {}) as Json), ...own };
  };
  const named = Object.entries(defs)
    .filter(([name]) => isNamed(name))
    .map(([name, def]) => [name, resolve(def) as Json] as const);
  const whole = typeof root['$ref'] === 'string' ? defs[root['$ref'].slice(LOCAL.length)] : root;
  return { named: Object.fromEntries(named), inline: resolve(whole) };
}

function isNamed(name: string): boolean {
  return !name.startsWith('__');
}
