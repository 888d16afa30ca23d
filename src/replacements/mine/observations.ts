/** Pairs on their way from stage 2 to stage 3: rows of fixed width, grouped by what they will be counted under. */
import { RADII } from '../../chem/index.ts';

export interface Observation {
  /** Hashes of the fragments; from < to, or equal where the points alone change places. */
  readonly from: number;
  readonly to: number;
  readonly mapping: number;
  readonly constant: number;
  readonly assay: number;
  readonly outcome: Outcome;
  /** Change of activity where the outcome is exact. */
  readonly delta: number;
  /** Whether the group is needed on either side: without it (hydrogen or methyl in its place) the activity is lost in this assay. */
  readonly needed: { readonly from: boolean; readonly to: boolean };
  readonly logP: number;
  readonly tpsa: number;
  /** One key a radius. */
  readonly environments: readonly number[];
}

/** Decided by two exact values, or by a bound: at least KEPT_WITHIN weaker or stronger. */
export const OUTCOMES = ['exact', 'lost', 'gained'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const BYTES = 64;
const ENVIRONMENTS_AT = 44;
const [NEEDED_FROM, NEEDED_TO] = [1, 2];

export class ObservationWriter {
  private readonly parts: { view: DataView; rows: number }[];

  constructor(parts: number) {
    this.parts = Array.from({ length: parts }, () => ({ view: new DataView(new ArrayBuffer(BYTES * 256)), rows: 0 }));
  }

  add(part: number, one: Observation): void {
    const target = this.parts[part]!;
    if ((target.rows + 1) * BYTES > target.view.byteLength) target.view = grown(target.view);
    const { view } = target;
    const at = target.rows++ * BYTES;
    view.setFloat64(at, one.from);
    view.setFloat64(at + 8, one.to);
    view.setFloat64(at + 16, one.constant);
    view.setUint32(at + 24, one.assay);
    view.setFloat32(at + 28, one.delta);
    view.setFloat32(at + 32, one.logP);
    view.setFloat32(at + 36, one.tpsa);
    view.setUint8(at + 40, one.mapping);
    view.setUint8(at + 41, OUTCOMES.indexOf(one.outcome));
    view.setUint8(at + 42, (one.needed.from ? NEEDED_FROM : 0) | (one.needed.to ? NEEDED_TO : 0));
    for (let radius = 0; radius < RADII; radius++) view.setUint32(at + ENVIRONMENTS_AT + 4 * radius, one.environments[radius]!);
  }

  /** One buffer a part. */
  take(): Uint8Array[] {
    return this.parts.map(({ view, rows }) => new Uint8Array(view.buffer.slice(0, rows * BYTES)));
  }
}

function grown(view: DataView): DataView {
  const larger = new Uint8Array(view.byteLength * 2);
  larger.set(new Uint8Array(view.buffer));
  return new DataView(larger.buffer);
}

export function* readObservations(bytes: Uint8Array): IterableIterator<Observation> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; at += BYTES) {
    yield {
      from: view.getFloat64(at), to: view.getFloat64(at + 8), constant: view.getFloat64(at + 16), assay: view.getUint32(at + 24),
      delta: view.getFloat32(at + 28), logP: view.getFloat32(at + 32), tpsa: view.getFloat32(at + 36),
      mapping: view.getUint8(at + 40), outcome: OUTCOMES[view.getUint8(at + 41)]!,
      needed: { from: (view.getUint8(at + 42) & NEEDED_FROM) !== 0, to: (view.getUint8(at + 42) & NEEDED_TO) !== 0 },
      environments: Array.from({ length: RADII }, (_, radius) => view.getUint32(at + ENVIRONMENTS_AT + 4 * radius)),
    };
  }
}
