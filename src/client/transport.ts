/** One request to the service: full queues are waited for, and what it refuses becomes an error. Runs wherever `fetch` does. */
import type { Problem } from '../api/index.ts';

/** What the service says went wrong; `problem.code` is stable. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** No answer at all, or one that is not the service's. */
export class AwayError extends Error {
  constructor(options?: ErrorOptions) {
    super('Nothing answers. Is the service running? Try again in a moment.', options);
    this.name = 'AwayError';
  }
}

export interface TransportOptions {
  /** Where the service listens, without a path; empty: where the page comes from. */
  readonly baseUrl?: string;
  /** Of a service that wants one. */
  readonly apiKey?: string;
  /** Requests made before a full queue (503, 429) is told (default 4). */
  readonly tries?: number;
  readonly fetch?: typeof globalThis.fetch;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Readonly<Record<string, unknown>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: Blob | FormData;
  readonly accept?: string;
  /** What a full queue or a service that is not ready says is the answer. */
  readonly isAnsweredOnce?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const JSON_TYPE = 'application/json';
const TRIES = 4;
/** Where the service names no time to wait. */
const WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 60;

export class Transport {
  private readonly options: TransportOptions;

  constructor(options: TransportOptions) {
    this.options = options;
  }

  async json<Result>(path: string, call: Call = {}): Promise<Result> {
    const response = await this.answered(path, { accept: JSON_TYPE, ...call });
    return (await response.json().catch((cause: unknown) => { throw new AwayError({ cause }); })) as Result;
  }

  /** Refuses what is no good answer, with a ProblemError. */
  async answered(path: string, call: Call = {}): Promise<Response> {
    const response = await this.send(path, call);
    if (response.ok) return response;
    const problem = (await response.json().catch((cause: unknown) => { throw new AwayError({ cause }); })) as Problem;
    throw new ProblemError(problem);
  }

  private async send(path: string, call: Call): Promise<Response> {
    const { baseUrl = '', tries = TRIES, fetch = globalThis.fetch } = this.options;
    const url = `${baseUrl}${path}${queryText(call.query)}`;
    for (let left = tries; ; left--) {
      const response = await fetch(url, this.init(call)).catch((cause: unknown) => {
        if (call.signal?.aborted === true) throw cause;
        throw new AwayError({ cause });
      });
      if ((response.status !== 503 && response.status !== 429) || left <= 1 || call.isAnsweredOnce === true) return response;
      await response.body?.cancel();
      await wait(Number(response.headers.get('retry-after') ?? WAIT_SECONDS), call.signal);
    }
  }

  private init({ method = 'GET', json, body, accept, signal }: Call): RequestInit {
    const { apiKey } = this.options;
    const headers = {
      ...(accept === undefined ? {} : { accept }),
      ...(json === undefined ? {} : { 'content-type': JSON_TYPE }),
      // What a file is shows in its bytes; a form says its type itself.
      ...(body instanceof Blob ? { 'content-type': 'application/octet-stream' } : {}),
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    const content = json === undefined ? body : JSON.stringify(json);
    return { method, headers, ...(content === undefined ? {} : { body: content }), ...(signal === undefined ? {} : { signal }) };
  }
}

/** Names and values as forms and query strings hold them; lists stand as several of one name. */
export function pairsOf(options: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(options).flatMap(([name, value]) => (Array.isArray(value) ? (value as unknown[]) : [value])
    .filter((one) => one !== undefined)
    .map((one): [string, string] => [name, typeof one === 'string' ? one : JSON.stringify(one)]));
}

function queryText(query: Call['query'] = {}): string {
  const parameters = new URLSearchParams(pairsOf(query));
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

function wait(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  const ms = 1000 * Math.min(Number.isFinite(seconds) && seconds > 0 ? seconds : WAIT_SECONDS, LONGEST_WAIT_SECONDS);
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
