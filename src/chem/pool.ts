/** What can be asked of the chemistry workers. */
import type { CompareRequest, Comparison, Contrast } from './compare.ts';
import type { AssembleRequest } from './cuts/assemble.ts';
import type { StructuralChange } from './cuts/change.ts';
import type { CutBatch } from './cuts/cut-task.ts';
import type { GroupAnswer, GroupRequest } from './cuts/query.ts';
import type { CutRequest } from './cuts/table.ts';
import type { DepictRequest, PlacedDrawing } from './depict.ts';
import type { FeatureRequest } from './feature-request.ts';
import type { FeatureBatch } from './featurise.ts';
import type { FingerprintConfig } from './fingerprints.ts';
import type { FragmentIonisation, Surroundings } from './ionisation.ts';
import type { PictureRequest } from './picture.ts';
import type { StandardMolecule } from './standardise.ts';
import type { PatternOutline, SubstructureRequest } from './substructure.ts';
import { TaskPool } from './task-pool.ts';
import type { CallOptions } from './task-pool.ts';
import type { ChangeRequest, FingerprintBatch, Outcome } from './tasks.ts';

export class ChemPool extends TaskPool {
  /** Parents and identities, in input order. */
  async standardise(inputs: readonly string[], call: CallOptions = {}): Promise<Outcome<StandardMolecule>[]> {
    const batch = await this.featurise(inputs, {}, call);
    const good = batch.molecules.map((value, r) => ({ index: batch.rows[r]!, outcome: { ok: true, value } as const }));
    const bad = batch.errors.map((error) => ({ index: error.index, outcome: { ok: false, error } as const }));
    return [...good, ...bad].sort((a, b) => a.index - b.index).map(({ outcome }) => outcome);
  }

  /** Standardises and computes what is wanted, as columns. */
  featurise(inputs: readonly string[], wanted: FeatureRequest, call: CallOptions = {}): Promise<FeatureBatch> {
    return this.run('featurise', inputs, wanted, call);
  }

  /** SVG pictures, in input order. */
  depict(requests: readonly DepictRequest[], call: CallOptions = {}): Promise<readonly Outcome<string>[]> {
    return this.run('depict', requests, null, call);
  }

  /** The same, with the places of atoms. */
  depictPlaced(requests: readonly DepictRequest[], call: CallOptions = {}): Promise<readonly Outcome<PlacedDrawing>[]> {
    return this.run('depictPlaced', requests, null, call);
  }

  /** What chemists call fragments with attachment points, in input order. */
  nameGroups(fragments: readonly string[], call: CallOptions = {}): Promise<readonly Outcome<string>[]> {
    return this.run('nameGroup', fragments, null, call);
  }

  /** V2000 molfiles with 2D coordinates, in input order. */
  molblock(inputs: readonly string[], call: CallOptions = {}): Promise<readonly Outcome<string>[]> {
    return this.run('molblock', inputs, null, call);
  }

  /** SVG drawings as other programs make them, in input order. */
  picture(requests: readonly PictureRequest[], call: CallOptions = {}): Promise<readonly Outcome<string>[]> {
    return this.run('picture', requests, null, call);
  }

  /** Packed fingerprints of the molecules as given, not of their parents. */
  fingerprint(inputs: readonly string[], config: FingerprintConfig, call: CallOptions = {}): Promise<FingerprintBatch> {
    return this.run('fingerprint', inputs, config, call);
  }

  /** Matched-pair cuts of the parents, as columns. */
  matchedCuts(inputs: readonly string[], request: CutRequest, call: CallOptions = {}): Promise<CutBatch> {
    return this.run('cut', inputs, request, call);
  }

  /** What changed between two parents, the ways with the largest common part first, in input order. */
  changes(pairs: readonly ChangeRequest[], call: CallOptions = {}): Promise<readonly Outcome<StructuralChange[]>[]> {
    return this.run('change', pairs, null, call);
  }

  /** Groups that can be replaced, in input order. */
  groups(requests: readonly GroupRequest[], call: CallOptions = {}): Promise<readonly Outcome<GroupAnswer>[]> {
    return this.run('group', requests, null, call);
  }

  /** What canonical fragments are in water, in input order. */
  ionise(fragments: readonly string[], call: CallOptions = {}): Promise<readonly Outcome<Readonly<Record<Surroundings, FragmentIonisation>>>[]> {
    return this.run('ionise', fragments, null, call);
  }

  /** SMILES of molecules with another group, in input order. */
  assemble(requests: readonly AssembleRequest[], call: CallOptions = {}): Promise<readonly Outcome<string>[]> {
    return this.run('assemble', requests, null, call);
  }

  /** How much each pair shares and by how many changes it differs, in input order. */
  contrast(pairs: readonly CompareRequest[], call: CallOptions = {}): Promise<readonly Outcome<Contrast>[]> {
    return this.run('contrast', pairs, null, call);
  }

  /** How much of the scaffold is new, 0 to 1, of each pair in input order. */
  scaffoldDistance(pairs: readonly CompareRequest[], call: CallOptions = {}): Promise<readonly Outcome<number>[]> {
    return this.run('scaffoldDistance', pairs, null, call);
  }

  /** A hash of what surrounds each atom of a parent, in input order. */
  environments(parents: readonly string[], call: CallOptions = {}): Promise<readonly Outcome<Uint32Array>[]> {
    return this.run('environments', parents, null, call);
  }

  /** What each pair shares and what differs, in input order. */
  compare(pairs: readonly CompareRequest[], call: CallOptions = {}): Promise<readonly Outcome<Comparison>[]> {
    return this.run('compare', pairs, null, call);
  }

  /** Reads SMARTS: the bits that screen a library for them. */
  pattern(smarts: readonly string[], call: CallOptions = {}): Promise<readonly Outcome<PatternOutline>[]> {
    return this.run('pattern', smarts, null, call);
  }

  /** REFUSED, PASSED or UNDECIDED for each canonical SMILES. */
  substructure(smiles: readonly string[], request: SubstructureRequest, call: CallOptions = {}): Promise<Uint8Array> {
    return this.run('substructure', smiles, request, call);
  }
}
