/** What a monitor reads, in the Prometheus text format. No identifier, name or structure becomes a label: paths are counted by their patterns. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Gate } from './gate.ts';
import type { JobBook } from './job-book.ts';
import type { SearchService } from './service.ts';

/** Upper bounds of the classes in which times are counted, in seconds: from a lookup to the time at which a request is given up. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  readonly service: Pick<SearchService, 'indexes'>;
  readonly gate: Pick<Gate, 'counts'>;
  readonly jobs: Pick<JobBook, 'counts'>;
  readonly version: string;
}

/** One request that has been answered, or whose client has left. */
export interface Exchange {
  readonly method: string;
  /** A path of the OpenAPI document. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  /** Of that, what the work itself took; the rest is waiting, reading and sending. undefined where the answer does not tell. */
  readonly workMs: number | undefined;
}

export class Metrics {
  private readonly registry = new Registry();
  private readonly requests: Counter<'method' | 'route' | 'status'>;
  private readonly durations: Histogram<'method' | 'route' | 'status'>;
  private readonly work: Histogram<'route'>;

  constructor(options: MetricsOptions) {
    const registers = [this.registry];
    const labelNames = ['method', 'route', 'status'] as const;
    this.requests = new Counter({ name: 'isolens_http_requests_total', help: 'Requests that were answered.', labelNames, registers });
    this.durations = new Histogram({
      name: 'isolens_http_request_duration_seconds', help: 'From a request to the end of its answer.', labelNames, buckets: SECONDS, registers,
    });
    this.work = new Histogram({
      name: 'isolens_work_duration_seconds', help: 'What searching, reading or replacing itself took, without waiting for a place.',
      labelNames: ['route'] as const, buckets: SECONDS, registers,
    });
    addGate(this.registry, options.gate);
    addJobs(this.registry, options.jobs);
    addIndexes(this.registry, options.service);
    const build = new Gauge({ name: 'isolens_build_info', help: 'The version that runs.', labelNames: ['version'], registers });
    build.set({ version: options.version }, 1);
    // Memory, processor time and the lag of the event loop.
    collectDefaultMetrics({ register: this.registry });
  }

  get mediaType(): string {
    return this.registry.contentType;
  }

  add({ method, route, status, ms, workMs }: Exchange): void {
    const labels = { method, route, status: String(status) };
    this.requests.inc(labels);
    this.durations.observe(labels, ms / 1000);
    if (workMs !== undefined) this.work.observe({ route }, workMs / 1000);
  }

  async text(): Promise<string> {
    return this.registry.metrics();
  }
}

/** Asked when somebody reads the metrics, not before. */
function addGate(registry: Registry, gate: Pick<Gate, 'counts'>): void {
  const registers: Registry[] = [];
  registry.registerMetric(new Gauge({ name: 'isolens_gate_running', help: 'Requests that are worked on.', registers, collect() { this.set(gate.counts.running); } }));
  registry.registerMetric(new Gauge({ name: 'isolens_gate_waiting', help: 'Requests that wait for a place.', registers, collect() { this.set(gate.counts.waiting); } }));
  registry.registerMetric(new Counter({
    name: 'isolens_gate_refused_total', help: 'Requests that were told to come back because the queue was full.', registers,
    collect() { this.reset(); this.inc(gate.counts.refused); },
  }));
  registry.registerMetric(new Counter({
    name: 'isolens_gate_expired_total', help: 'Requests that were given up because they took too long.', registers,
    collect() { this.reset(); this.inc(gate.counts.expired); },
  }));
}

function addJobs(registry: Registry, jobs: Pick<JobBook, 'counts'>): void {
  registry.registerMetric(new Gauge({
    name: 'isolens_jobs', help: 'Jobs that have not ended, by state.', labelNames: ['state'], registers: [],
    collect() { for (const [state, count] of Object.entries(jobs.counts())) this.set({ state }, count); },
  }));
}

function addIndexes(registry: Registry, service: Pick<SearchService, 'indexes'>): void {
  registry.registerMetric(new Gauge({
    name: 'isolens_index_molecules', help: 'Molecules of each index.', labelNames: ['index'], registers: [],
    collect() { for (const { name, count } of service.indexes()) this.set({ index: name }, count); },
  }));
  registry.registerMetric(new Gauge({
    name: 'isolens_index_info', help: 'The generation of each index; the value is always 1.', labelNames: ['index', 'generation', 'backend'], registers: [],
    collect() {
      this.reset();
      for (const { name, generation, backend } of service.indexes()) this.set({ index: name, generation, backend }, 1);
    },
  }));
}
