/**
 * How much of a molecule a model has met: the share of its atoms whose environments (all within two bonds) are common among the molecules that the
 * model learned from. Environments and their number tell of no molecule. A molecule with fewer known atoms than nearly all that are new, though of
 * the kind that was learned from, is far from them, and what is told of it may mean nothing.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { ENVIRONMENT_RADIUS } from '../chem/index.ts';

const quartiles = z.strictObject({ lower: z.number(), median: z.number(), upper: z.number() });

export const domainSchema = z.strictObject({
  /** Bonds. */
  radius: z.literal(ENVIRONMENT_RADIUS),
  /** Molecules that were learned from, and in how many of them an environment must stand to be known. */
  molecules: z.int(),
  least: z.int(),
  /** Known environments: gzip of their hashes as 32-bit differences, ascending, in base64. */
  environments: z.string(),
  /** A molecule with no larger share of known atoms is far from all of them: a twentieth of the new molecules that it was set by are. */
  far: z.number(),
  /** Of new molecules whose share of known atoms lies between `from` and the next: how many, and the ECFP4 Tanimoto to the nearest that was learned from, its quartiles. */
  bands: z.array(z.strictObject({ from: z.number(), molecules: z.int(), nearest: quartiles })).min(1),
  provenance: z.record(z.string(), z.unknown()),
});

export type DomainModel = z.output<typeof domainSchema>;

/** What is told of a query. */
export interface Applicability {
  /** Heavy atoms, and those of them whose environments are known. */
  readonly atoms: number;
  readonly known: number;
  readonly isFar: boolean;
  /** ECFP4 Tanimoto of such molecules to the nearest that was learned from: the quartiles among new ones. */
  readonly nearest: z.output<typeof quartiles>;
}

export class Domain {
  private readonly model: DomainModel;
  /** Ascending. */
  private readonly known: Uint32Array;

  constructor(model: DomainModel) {
    this.model = model;
    this.known = unpacked(model.environments);
  }

  get molecules(): number {
    return this.model.molecules;
  }

  /** environments: one hash a heavy atom (`ChemPool.environments`). */
  applicabilityOf(environments: Uint32Array): Applicability {
    const known = environments.filter((one) => this.isKnown(one)).length;
    const share = known / Math.max(1, environments.length);
    const band = this.model.bands.findLast(({ from }) => share >= from) ?? this.model.bands[0]!;
    return { atoms: environments.length, known, isFar: known < environments.length && share <= this.model.far, nearest: { ...band.nearest } };
  }

  private isKnown(environment: number): boolean {
    let [low, high] = [0, this.known.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.known[middle]! < environment) low = middle + 1;
      else high = middle;
    }
    return this.known[low] === environment;
  }
}

/** Ascending, each once. */
export function packed(environments: Uint32Array): string {
  const differences = environments.map((one, i) => one - (environments[i - 1] ?? 0));
  return gzipSync(new Uint8Array(differences.buffer), { level: 9 }).toString('base64');
}

function unpacked(text: string): Uint32Array {
  const bytes = gunzipSync(Buffer.from(text, 'base64'));
  const environments = new Uint32Array(new Uint8Array(bytes).buffer);
  for (let i = 1; i < environments.length; i++) environments[i]! += environments[i - 1]!;
  return environments;
}
