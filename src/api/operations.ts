/** Operations of the OpenAPI document: what each answers, how it may fail, who may ask it, and under which heading it stands. */
import type { ErrorCode } from '../core/index.ts';
import type { Json } from './components.ts';
import { EXAMPLES } from './examples.ts';
import { LIBRARY_EXAMPLES } from './library-examples.ts';
import { PROBLEMS, problemResponses } from './outcomes.ts';

export interface OperationParts {
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  /** Of a good answer; 200 where absent. */
  readonly status?: number;
  readonly headers?: Json;
  /** Clients may keep the answer, and ask whether it still holds. */
  readonly isKept?: boolean;
  /** The content of the answer, by media type. */
  readonly ok: Json;
}

const KEPT_HEADERS: Json = {
  ETag: { description: 'To be sent back as If-None-Match.', schema: { type: 'string' } },
  'Cache-Control': { description: 'private, no-cache', schema: { type: 'string' } },
};

export function operation(id: string, summary: string, { parameters, requestBody, status = 200, headers, isKept = false, ok }: OperationParts): Json {
  const all = isKept ? { ...headers, ...KEPT_HEADERS } : headers;
  return {
    operationId: id,
    summary,
    ...(parameters === undefined ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: {
      [status]: { description: 'The answer', ...(all === undefined ? {} : { headers: all }), content: ok },
      ...(isKept ? { 304: { description: 'What the client has still holds.', headers: KEPT_HEADERS } } : {}),
    },
  };
}

/** Adds to each operation how it may fail, listed by status, and who may ask it. */
export function withProblems(paths: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, described]) => {
          const { operationId, responses, ...rest } = described as { operationId: string; responses: Json };
          const codes: readonly ErrorCode[] = operationId in PROBLEMS ? PROBLEMS[operationId as keyof typeof PROBLEMS] : [];
          const failures = problemResponses([...codes, ...accessCodes(path)], examplePath(path));
          // What asks for no key takes back what the document says of all.
          const security = needsKey(path) ? {} : { security: [] };
          return [method, { operationId, tags: [tagOf(path)], ...rest, ...security, responses: { ...responses, ...failures } }];
        }),
      ),
    ]),
  );
}

/** Where the service has keys: what tells of libraries, and of the service's work. */
function needsKey(path: string): boolean {
  return path.startsWith('/v1/') || path === '/metrics';
}

/** How a client may be refused before anything is done for it. A supervisor that asks after the service never is. */
function accessCodes(path: string): ErrorCode[] {
  if (path === '/healthz' || path === '/readyz') return [];
  return needsKey(path) ? ['KEY_MISSING', 'KEY_INVALID', 'RATE_LIMITED'] : ['RATE_LIMITED'];
}

/** Under which heading a path stands in the reference. */
const TAGS: readonly (readonly [paths: RegExp, tag: string])[] = [
  [/^\/v1\/(?:search|understand|embeddings|read|replacements)\b/, 'Search'],
  [/^\/v1\/(?:jobs|export)\b/, 'Lists and files'],
  [/^\/v1\/(?:molecules|depictions)\b/, 'Molecules'],
  [/^\/v1\/indexes\b/, 'Libraries'],
];

function tagOf(path: string): string {
  return TAGS.find(([paths]) => paths.test(path))?.[1] ?? 'Service';
}

function examplePath(path: string): string {
  return path.replace('{id}', path.startsWith('/v1/jobs') ? EXAMPLES.job.id : EXAMPLES.molecule.id).replace('{name}', LIBRARY_EXAMPLES.detail.name);
}
