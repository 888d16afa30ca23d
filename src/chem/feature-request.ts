import type { FingerprintConfig } from './fingerprints.ts';
import type { LayoutKind } from './layout.ts';

/** What to compute. Fingerprints, graph, tokens, descriptors and scaffold are of the parent. */
export interface FeatureRequest {
  /** Named packed fingerprints. */
  readonly bits?: Readonly<Record<string, FingerprintConfig>>;
  /** Named folded counts; several fingerprints of one name stand side by side. */
  readonly counts?: Readonly<Record<string, FingerprintConfig | readonly FingerprintConfig[]>>;
  readonly graph?: boolean;
  /** Ids of the tokens of the canonical SMILES. */
  readonly tokens?: boolean;
  readonly descriptors?: boolean;
  /** Canonical SMILES of Murcko scaffolds. */
  readonly scaffold?: boolean;
  /** Keys that equal Murcko scaffolds share: a tenth of the work where only that is asked. */
  readonly scaffoldKey?: boolean;
  /** Extended reduced graph: counts in tenths of pairs of pharmacophore types. */
  readonly pharmacophore?: boolean;
  /** Structural alerts, a bit each. */
  readonly alerts?: boolean;
  /** InChIKey of the molecule as given, counter-ions included. */
  readonly inputKey?: boolean;
  /** Drawings of the molecule `as given` (counter-ions and charges included) or of its parent. */
  readonly layouts?: { readonly kinds: readonly LayoutKind[]; readonly of: 'input' | 'parent' };
}
