/** A request to an operation, and the code that makes it. */
import { JSON_TYPE } from './document.ts';
import type { Operation, Parameter } from './document.ts';

export interface Filled {
  /** By the name of the parameter; an empty one is left out. */
  readonly values: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** undefined where the operation answers in one way, or says otherwise in which. */
  readonly accept: string | undefined;
}

export interface Ready {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly kind: 'none' } | { readonly kind: 'file'; readonly file: string } | { readonly kind: 'json'; readonly value: unknown } | FileForm;
  readonly answersJson: boolean;
}

/** A form with one file. */
interface FileForm {
  readonly kind: 'form';
  readonly field: string;
  readonly file: string;
}

const BYTES = 'application/octet-stream';

/** Of an operation that takes a form and nothing else. */
function fileForm({ described }: Operation): FileForm | undefined {
  const [[type, media] = ['', undefined], ...others] = Object.entries(described.requestBody?.content ?? {});
  if (type !== 'multipart/form-data' || others.length > 0) return undefined;
  for (const [field, schema] of Object.entries(media?.schema?.properties ?? {})) {
    const file = typeof schema.items === 'object' ? schema.items : schema;
    if (file.format === 'binary') return { kind: 'form', field, file: namedFile(file.examples) };
  }
  return undefined;
}

/** What a file may be called. */
function namedFile([example]: readonly unknown[] = []): string {
  return typeof example === 'string' ? example : PICTURE;
}

export function parametersOf({ described }: Operation): readonly Parameter[] {
  return described.parameters?.filter((parameter) => parameter.in === 'path' || parameter.in === 'query') ?? [];
}

export function takesJson({ described }: Operation): boolean {
  return described.requestBody?.content[JSON_TYPE] !== undefined;
}

export function exampleBody({ described }: Operation): unknown {
  const media = described.requestBody?.content[JSON_TYPE];
  return media?.example ?? media?.schema?.examples?.[0] ?? {};
}

/** Of the good answer, in the order in which the service prefers them. */
export function answerTypes({ described }: Operation): readonly string[] {
  return Object.entries(described.responses).filter(([status]) => status.startsWith('2')).flatMap(([, { content }]) => Object.keys(content ?? {}));
}

/** Media types to choose from by a header: where a parameter or a field of the request decides, there are none. */
export function acceptable(operation: Operation): readonly string[] {
  const types = answerTypes(operation);
  return types.length > 1 && types.includes(JSON_TYPE) && !parametersOf(operation).some(({ name }) => name === 'format') ? types : [];
}

export function isSafeToTry({ method, described, ...rest }: Operation): boolean {
  const operation = { method, described, ...rest };
  // Each would leave something behind, or take something away.
  if (method === 'GET') return described.requestBody === undefined;
  return method === 'POST' && takesJson(operation) && described.responses['202'] === undefined;
}

export function readyRequest(operation: Operation, { values, body, accept }: Filled, origin: string): Ready {
  const { method, path, described } = operation;
  const query = new URLSearchParams();
  for (const { name, in: place } of parametersOf(operation)) if (place === 'query' && (values[name] ?? '') !== '') query.append(name, values[name] ?? '');
  const asked = [...query].length === 0 ? '' : `?${query}`;
  const isJson = takesJson(operation);
  const form = fileForm(operation);
  const isFile = !isJson && form === undefined && described.requestBody !== undefined;
  const { format = '' } = values;
  const types = answerTypes(operation);
  return {
    method,
    url: `${origin}${path.replaceAll(/\{(\w+)\}/g, (whole, name: string) => ((values[name] ?? '') === '' ? whole : encodeURIComponent(values[name] ?? '')))}${asked}`,
    headers: {
      ...(accept === undefined ? {} : { accept }),
      ...(isJson ? { 'content-type': JSON_TYPE } : isFile ? { 'content-type': BYTES } : {}),
    },
    body: isJson ? { kind: 'json', value: body } : form ?? (isFile ? { kind: 'file', file: namedFile(described.requestBody?.content[BYTES]?.schema?.examples) } : { kind: 'none' }),
    answersJson: (accept ?? types[0]) === JSON_TYPE && (format === '' || format === 'json'),
  };
}

const PICTURE = 'structure.png';

export const LANGUAGES = ['curl', 'TypeScript', 'Python'] as const;
export type Language = (typeof LANGUAGES)[number];

export function write(language: Language, ready: Ready): string {
  return WRITERS[language](ready);
}

const WRITERS: Readonly<Record<Language, (ready: Ready) => string>> = { curl: asCurl, TypeScript: asTypeScript, Python: asPython };

/** A shell changes nothing between single quotes. */
function inShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function asCurl({ method, url, headers, body }: Ready): string {
  const isPlain = method === 'GET' || (method === 'POST' && body.kind !== 'none');
  return [
    `curl ${isPlain ? '' : `--request ${method} `}${inShell(url)}`,
    ...Object.entries(headers).map(([name, value]) => `--header ${inShell(`${name}: ${value}`)}`),
    ...(body.kind === 'json' ? [`--data ${inShell(JSON.stringify(body.value, null, 2))}`] : body.kind === 'file' ? [`--data-binary @${body.file}`] : body.kind === 'form' ? [`--form ${inShell(`${body.field}=@${body.file}`)}`] : []),
  ].join(' \\\n  ');
}

function asTypeScript({ method, url, headers, body, answersJson }: Ready): string {
  const options = [
    ...(method === 'GET' ? [] : [`method: ${inScript(method)}`]),
    ...(Object.keys(headers).length === 0 ? [] : [`headers: ${literal(headers, SCRIPT, 1)}`]),
    ...(body.kind === 'json' ? [`body: JSON.stringify(${literal(body.value, SCRIPT, 1)})`] : body.kind === 'file' ? [`body: await readFile(${inScript(body.file)})`] : body.kind === 'form' ? ['body: form'] : []),
  ];
  return [
    ...(body.kind === 'file' || body.kind === 'form' ? ["import { readFile } from 'node:fs/promises';", ''] : []),
    ...(body.kind === 'form' ? ['const form = new FormData();', `form.append(${inScript(body.field)}, new Blob([await readFile(${inScript(body.file)})]), ${inScript(body.file)});`] : []),
    `const response = await fetch(${inScript(url)}${options.length === 0 ? '' : `, {\n${options.map((option) => `  ${option},\n`).join('')}}`});`,
    // eslint-disable-next-line no-template-curly-in-string -- It is the code that is shown.
    'if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);',
    `const answer = await response.${answersJson ? 'json' : 'text'}();`,
    'console.log(response.status, answer);',
    '',
  ].join('\n');
}

function asPython({ method, url, headers, body, answersJson }: Ready): string {
  // requests says by itself that JSON is JSON.
  const { 'content-type': type, ...others } = headers;
  const sent = body.kind === 'json' ? others : { ...others, ...(type === undefined ? {} : { 'content-type': type }) };
  const file = body.kind === 'file' || body.kind === 'form' ? body.file : undefined;
  const by = file === undefined ? '' : '    ';
  const parts = [
    inPython(url),
    ...(body.kind === 'json' ? [`json=${literal(body.value, PYTHON, 1)}`] : body.kind === 'file' ? ['data=file'] : body.kind === 'form' ? [`files={${inPython(body.field)}: file}`] : []),
    ...(Object.keys(sent).length === 0 ? [] : [`headers=${literal(sent, PYTHON, 1)}`]),
    'timeout=60',
  ];
  return [
    'import requests',
    '',
    ...(file === undefined ? [] : [`with open(${inPython(file)}, "rb") as file:`]),
    `${by}response = requests.${method.toLowerCase()}(`,
    ...parts.map((part) => `${by}    ${part},`),
    `${by})`,
    'response.raise_for_status()',
    `print(response.status_code, response.${answersJson ? 'json()' : 'text'})`,
    '',
  ].join('\n');
}

interface Style {
  readonly indent: string;
  readonly text: (text: string) => string;
  readonly key: (name: string) => string;
  readonly words: Readonly<Record<string, string>>;
}

/** Within single quotes, a double one needs no escape. */
const inScript = (text: string): string => `'${JSON.stringify(text).slice(1, -1).replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`)}'`;
const inPython = (text: string): string => JSON.stringify(text);

const SCRIPT: Style = { indent: '  ', text: inScript, key: (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : inScript(name)), words: {} };
const PYTHON: Style = { indent: '    ', text: inPython, key: inPython, words: { true: 'True', false: 'False', null: 'None' } };

const SHORT = 72;

/** A value as code: on one line where it is short. */
function literal(value: unknown, style: Style, depth: number): string {
  if (typeof value === 'string') return style.text(value);
  if (typeof value !== 'object' || value === null) return style.words[String(value)] ?? String(value);
  const isList = Array.isArray(value);
  const parts = isList ? value.map((one) => literal(one, style, depth + 1)) : Object.entries(value).map(([name, one]) => `${style.key(name)}: ${literal(one, style, depth + 1)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const line = parts.join(', ');
  if (parts.length === 0) return `${open}${close}`;
  if (line.length <= SHORT && !line.includes('\n')) return isList || style === PYTHON ? `${open}${line}${close}` : `${open} ${line} ${close}`;
  const indent = style.indent.repeat(depth);
  return `${open}\n${parts.map((part) => `${indent}${style.indent}${part},\n`).join('')}${indent}${close}`;
}
