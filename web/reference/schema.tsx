/** Fields of requests and answers. What lies deeper is drawn when it is opened, so that no circle of references ends the page. */
import { useState } from 'preact/hooks';
import { followed } from './document.ts';
import type { OpenApi, Schema } from './document.ts';

interface FieldsProps {
  readonly schema: Schema;
  readonly document: OpenApi;
  /** Components that these fields lie in. */
  readonly within?: readonly string[];
}

/** The fields of an object, or of what a list or a choice is made of. */
export function Fields({ schema, document, within = [] }: FieldsProps) {
  const parts = partsOf(schema, document);
  if (parts.length === 0) return <p class="small">{typeInWords(schema, document)}</p>;
  const chain = [...within, ...followed(schema, document).names];
  return (
    <>
      {parts.map(({ title, names, schema: part }, i) => (
        <div key={i} class="part">
          {title !== undefined && <p class="small quiet">{title}</p>}
          <ul class="fields">
            {Object.entries(part.properties ?? {}).map(([name, field]) => (
              <Field key={name} name={name} schema={field} isRequired={part.required?.includes(name) ?? false} document={document} within={[...chain, ...names]} />
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

interface FieldProps extends Required<FieldsProps> {
  readonly name: string;
  readonly isRequired: boolean;
  /** Where a parameter says what a schema does not. */
  readonly description?: string;
}

export function Field({ name, schema, isRequired, document, within, description }: FieldProps) {
  const told = description ?? schema.description ?? plain(schema, document).schema.description;
  const facts = factsOf(plain(schema, document).schema);
  const hasParts = hasFields(schema, document);
  const around = namesOf(schema, document).find((one) => within.includes(one));
  return (
    <li class="field">
      <p><code class="field-name">{name}</code> <span class="small quiet">{typeInWords(schema, document)}</span>{isRequired && <> <span class="tag">required</span></>}</p>
      {told !== undefined && <p class="small">{told}</p>}
      {facts.length > 0 && <p class="small quiet">{facts.join('; ')}</p>}
      {hasParts && (around === undefined ? <More of={name} schema={schema} document={document} within={within} /> : <p class="small quiet">The fields are those of {around}, above.</p>)}
    </li>
  );
}

function More({ of, ...shown }: Required<FieldsProps> & { readonly of: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Fields of {of}</summary>
      {isOpen && <Fields {...shown} />}
    </details>
  );
}

/** Without the "or null" around it. */
function plain(schema: Schema, document: OpenApi): { readonly schema: Schema; readonly names: readonly string[]; readonly isNullable: boolean } {
  const { schema: own, names } = followed(schema, document);
  const choices = own.anyOf ?? own.oneOf;
  const others = choices?.filter(({ type }) => type !== 'null');
  if (choices === undefined || others?.length !== 1 || others[0] === undefined) return { schema: own, names, isNullable: false };
  const inner = followed(others[0], document);
  const { anyOf: _, oneOf: __, ...beside } = own;
  return { schema: { ...inner.schema, ...beside }, names: [...names, ...inner.names], isNullable: choices.length > 1 };
}

interface Part {
  readonly title: string | undefined;
  readonly names: readonly string[];
  /** Has properties. */
  readonly schema: Schema;
}

/** Deeper than any list of lists of choices. */
const MOST_LAYERS = 8;

/** The objects with fields that a schema holds: itself, the items of a list, the values of a map, the choices. */
function partsOf(schema: Schema, document: OpenApi, layer = 0): readonly Part[] {
  const { schema: own, names } = plain(schema, document);
  if (layer > MOST_LAYERS) return [];
  if (Object.keys(own.properties ?? {}).length > 0) return [{ title: undefined, names, schema: own }];
  const inside = (part: Schema): readonly Part[] => partsOf(part, document, layer + 1).map((one) => ({ ...one, names: [...names, ...one.names] }));
  if (typeof own.items === 'object') return inside(own.items);
  if (typeof own.additionalProperties === 'object') return inside(own.additionalProperties);
  const choices = (own.anyOf ?? own.oneOf ?? []).flatMap(inside);
  return choices.map((part, i) => ({ ...part, title: i === 0 ? 'Either' : 'or' }));
}

export function hasFields(schema: Schema, document: OpenApi): boolean {
  return partsOf(schema, document).length > 0;
}

/** Components that a field leads to. */
function namesOf(schema: Schema, document: OpenApi): readonly string[] {
  return [...new Set([...plain(schema, document).names, ...partsOf(schema, document).flatMap(({ names }) => names)])];
}

export function typeInWords(schema: Schema, document: OpenApi, layer = 0): string {
  const { schema: own, names, isNullable } = plain(schema, document);
  return `${words(own, names, document, layer)}${isNullable ? ' or null' : ''}`;
}

function words(schema: Schema, names: readonly string[], document: OpenApi, layer: number): string {
  const { type, format } = schema;
  const inner = (part: boolean | Schema | undefined): string => (typeof part === 'object' && layer < MOST_LAYERS ? typeInWords(part, document, layer + 1) : 'anything');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.prefixItems !== undefined) return `list of ${schema.prefixItems.map(inner).join(', ')}`;
  if (type === 'array') return `list of ${inner(schema.items)}`;
  if (type === 'object' && schema.properties === undefined && typeof schema.additionalProperties === 'object') return `object, each value ${inner(schema.additionalProperties)}`;
  const name = names.at(-1);
  if (name !== undefined) return name;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(inner))].join(' or ');
  if (format === 'binary') return 'file';
  if (typeof type === 'object') return type.join(' or ');
  return type ?? (schema.enum === undefined ? 'anything' : 'string');
}

const count = (value: number): string => value.toLocaleString('en');

/** "1 to 10,000", "at most 200 characters". What only says that numbers are no longer exact is left out. */
function range(from: number | undefined, to: number | undefined, unit = ''): string | undefined {
  const least = from === undefined || from <= Number.MIN_SAFE_INTEGER ? undefined : from;
  const most = to === undefined || to >= Number.MAX_SAFE_INTEGER ? undefined : to;
  const of = (value: number): string => (unit === '' ? '' : ` ${unit}${value === 1 ? '' : 's'}`);
  if (least !== undefined && most !== undefined) return least === most ? `${count(least)}${of(least)}` : `${count(least)} to ${count(most)}${of(most)}`;
  if (least !== undefined) return `at least ${count(least)}${of(least)}`;
  return most === undefined ? undefined : `at most ${count(most)}${of(most)}`;
}

function factsOf(schema: Schema): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, minItems, maxItems, examples, pattern, format } = schema;
  const items = typeof schema.items === 'object' ? factsOf(schema.items) : [];
  return [
    ...(schema.enum === undefined ? [] : [`one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`]),
    range(minimum, maximum),
    exclusiveMinimum === undefined ? undefined : `more than ${count(exclusiveMinimum)}`,
    exclusiveMaximum === undefined ? undefined : `less than ${count(exclusiveMaximum)}`,
    range(minLength, maxLength, 'character'),
    schema.prefixItems === undefined ? range(minItems, maxItems, 'item') : undefined,
    items.length === 0 ? undefined : `each ${items.join(', ')}`,
    format === undefined || format === 'binary' ? undefined : format,
    pattern === undefined ? undefined : `matches ${pattern}`,
    schema.default === undefined || typeof schema.default === 'object' ? undefined : `${typeof schema.default === 'number' ? count(schema.default) : JSON.stringify(schema.default)} where absent`,
    examples === undefined ? undefined : `for example ${examples.map((value) => JSON.stringify(value)).join(', ')}`,
  ].filter((fact) => fact !== undefined);
}
