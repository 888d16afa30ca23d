/** Holds answers of a running server against its own OpenAPI document, with a JSON Schema validator that is not ours. */
import { Ajv2020 } from 'ajv/dist/2020.js';

type Json = Record<string, unknown>;

export interface Ask {
  readonly id?: string;
  /** Of a bundle, for paths that hold one. */
  readonly name?: string;
  readonly query?: string;
  readonly body?: string | FormData | Uint8Array;
  readonly type?: string;
  /** The status that is expected; absent: 200. */
  readonly status?: number;
}

export interface Judge {
  readonly document: Json;
  /** As "get /healthz". */
  readonly operations: readonly string[];
  /** Asks, and says what of the answer the document does not allow. */
  check(operation: string, ask: Ask): Promise<{ status: number; problems: string[] }>;
  /** What the document has against a JSON body. */
  refusals(operation: string, body: unknown): string[];
  validate(schema: unknown, value: unknown): string[];
}

interface Operation {
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Json }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: Json }> }>;
}

export async function judgeOf(url: string): Promise<Judge> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Json & { paths: Record<string, Record<string, Operation>> };
  // In OpenAPI, "example" and "format: binary" are annotations that JSON Schema does not know.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'https://isolens.invalid/openapi.json', ...document });
  const validate = (schema: unknown, value: unknown): string[] => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"https://isolens.invalid/openapi.json#/');
    const check = ajv.compile(JSON.parse(text) as object);
    return check(value)
      ? []
      : (check.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  };
  const find = (name: string): Operation => {
    const [method, path] = name.split(' ') as [string, string];
    return document.paths[path]![method]!;
  };
  return {
    document,
    operations: Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)),
    validate,
    refusals: (name, body) => validate(find(name).requestBody!.content['application/json']!.schema, body),
    async check(name, { id, name: bundle, query, body, type }) {
      const [method, path] = name.split(' ') as [string, string];
      const where = `${url}${path.replace('{id}', encodeURIComponent(id ?? '')).replace('{name}', encodeURIComponent(bundle ?? ''))}${query === undefined ? '' : `?${query}`}`;
      const sent = body instanceof Uint8Array ? new Uint8Array(body) : body;
      const response = await fetch(where, {
        method: method.toUpperCase(),
        ...(sent === undefined ? {} : { body: sent }),
        ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      });
      const { status } = response;
      const media = response.headers.get('content-type')?.split(';')[0] ?? '';
      const text = await response.text();
      const described = find(name).responses[String(status)];
      if (described === undefined) return { status, problems: [`${name} does not list ${status}: ${text.slice(0, 300)}`] };
      const content = described.content?.[media];
      if (content === undefined) return { status, problems: [`${name} does not list ${media} for ${status}`] };
      return { status, problems: validate(content.schema, /[/+]json$/.test(media) ? JSON.parse(text) : text) };
    },
  };
}

/** Every example of the document beside the schema that it is an example of. */
export function answers(document: Json): { where: string; schema: unknown; example: unknown }[] {
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, responses }]) => {
      const contents = [
        ['request', requestBody?.content ?? {}] as const,
        // 304 has none.
        ...Object.entries(responses).map(([status, { content = {} }]) => [status, content] as const),
      ];
      return contents.flatMap(([part, content]) =>
        Object.entries(content).flatMap(([media, body]) =>
          'example' in body ? [{ where: `${method} ${path} ${part} ${media}`, schema: body.schema, example: body.example }] : [],
        ),
      );
    }),
  );
}
