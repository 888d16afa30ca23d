/** What the score and the filters read of a bundle's molecules, loaded once. */
import { ALERT_BYTES, DESCRIPTOR_NAMES, alertsOf } from '../chem/index.ts';
import type { AlertRule, DescriptorName, Descriptors } from '../chem/index.ts';
import type { Matrix } from '../core/index.ts';
import { Profiles, unpackProfile } from '../score/index.ts';
import type { MoleculeStore } from '../store/index.ts';

const WORDS = 64;

export class Library {
  readonly profiles: Profiles;
  /** (count, WORDS) */
  private readonly patterns: Uint32Array;
  private readonly alertBits: Uint8Array;

  constructor(vectors: Matrix, molecules: MoleculeStore) {
    this.profiles = new Profiles(vectors);
    this.patterns = new Uint32Array(vectors.rows * WORDS);
    this.alertBits = new Uint8Array(vectors.rows * ALERT_BYTES);
    const patternBytes = new Uint8Array(this.patterns.buffer);
    for (const { row, ecfp4, scaffold, profile } of molecules.profiles()) {
      const stored = unpackProfile(profile);
      this.profiles.set(row, { ...stored, ecfp4, scaffold });
      patternBytes.set(stored.pattern, row * WORDS * 4);
      this.alertBits.set(stored.alerts, row * ALERT_BYTES);
    }
  }

  get count(): number {
    return this.profiles.count;
  }

  descriptor(row: number, property: DescriptorName): number {
    return this.profiles.descriptors[row * DESCRIPTOR_NAMES.length + DESCRIPTOR_NAMES.indexOf(property)]!;
  }

  descriptorsOf(row: number): Descriptors {
    return Object.fromEntries(DESCRIPTOR_NAMES.map((name) => [name, Number(this.descriptor(row, name).toFixed(4))])) as Descriptors;
  }

  alerts(row: number): AlertRule[] {
    return alertsOf(this.alertBits.subarray(row * ALERT_BYTES, (row + 1) * ALERT_BYTES));
  }

  hasAlerts(row: number): boolean {
    for (let i = row * ALERT_BYTES; i < (row + 1) * ALERT_BYTES; i++) if (this.alertBits[i] !== 0) return true;
    return false;
  }

  /** Whether a molecule can hold a substructure: it has all the bits of the pattern. */
  canHold(row: number, pattern: Uint32Array): boolean {
    for (let w = 0, i = row * WORDS; w < WORDS; w++, i++) if ((pattern[w]! & ~this.patterns[i]!) !== 0) return false;
    return true;
  }
}
