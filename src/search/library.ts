/** What the score and the filters read of a bundle's molecules: its columns, where they lie. */
import { ALERT_BYTES, DESCRIPTOR_NAMES, alertsOf } from '../chem/index.ts';
import type { AlertRule, DescriptorName, Descriptors } from '../chem/index.ts';
import type { Bundle } from '../bundle/index.ts';
import { COLUMNS, Profiles, queryOf } from '../score/index.ts';
import type { Profile, ProfileQuery } from '../score/index.ts';
import type { MoleculeStore } from '../store/index.ts';

export class Library {
  readonly profiles: Profiles;
  private readonly molecules: Pick<MoleculeStore, 'rowOfScaffold'>;
  private readonly alertBits: Uint8Array;

  constructor({ vectors, profiles, molecules }: Pick<Bundle, 'vectors' | 'profiles' | 'molecules'>) {
    this.profiles = new Profiles(vectors, profiles);
    this.molecules = molecules;
    this.alertBits = profiles.column(COLUMNS.alerts);
  }

  get count(): number {
    return this.profiles.count;
  }

  /** A molecule that the library need not hold, as a query. */
  queryOf(vector: Float32Array, profile: Profile): ProfileQuery {
    return queryOf(vector, profile, this.scaffoldNumber(profile.scaffold));
  }

  descriptor(row: number, property: DescriptorName): number {
    return this.profiles.descriptors[row * DESCRIPTOR_NAMES.length + DESCRIPTOR_NAMES.indexOf(property)]!;
  }

  descriptorsOf(row: number): Descriptors {
    return describe(this.profiles.descriptors.subarray(row * DESCRIPTOR_NAMES.length, (row + 1) * DESCRIPTOR_NAMES.length));
  }

  alerts(row: number): AlertRule[] {
    return alertsOf(this.alertBits.subarray(row * ALERT_BYTES, (row + 1) * ALERT_BYTES));
  }

  /** The keys stay in the store: any row that has the scaffold knows its number. */
  private scaffoldNumber(scaffold: string): number {
    if (scaffold === '') return 0;
    const row = this.molecules.rowOfScaffold(scaffold);
    return row === undefined ? -1 : this.profiles.scaffolds[row]!;
  }
}

/** values: in the order of DESCRIPTOR_NAMES. */
export function describe(values: Float32Array): Descriptors {
  return Object.fromEntries(DESCRIPTOR_NAMES.map((name, i) => [name, Number(values[i]!.toFixed(4))])) as Descriptors;
}
