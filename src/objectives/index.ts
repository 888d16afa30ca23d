import { IsoLensError } from '../core/index.ts';
import { alignmentUniformity } from './alignment-uniformity.ts';
import { clip } from './clip.ts';
import { crd } from './crd.ts';
import { crossEntropy } from './cross-entropy.ts';
import type { Auxiliary, Objective } from './define.ts';
import { fingerprint } from './fingerprint.ts';
import { infoLoob } from './info-loob.ts';
import { infoNce } from './info-nce.ts';
import { maskedAtoms } from './masked-atoms.ts';
import { matching } from './matching.ts';
import { moco } from './moco.ts';
import { ntXent } from './nt-xent.ts';
import { reconstruction } from './reconstruction.ts';
import { sigmoid } from './sigmoid.ts';
import { supCon } from './sup-con.ts';
import { swav } from './swav.ts';

/** Adding an objective: one file and one line here. */
export const OBJECTIVES = [clip, infoNce, infoLoob, ntXent, supCon, sigmoid, moco, swav, alignmentUniformity, crd, crossEntropy, matching] as const;

/** Adding an auxiliary head: one file and one line here. */
export const AUXILIARIES = [fingerprint, reconstruction, maskedAtoms] as const;

function find<T extends { readonly id: string }>(kind: string, all: readonly T[], id: string): T {
  const found = all.find((item) => item.id === id);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected ${kind} (${all.map((item) => item.id).join(', ')}) but received "${id}".`);
}

export function objectiveById(id: string): Objective {
  return find<Objective>('an objective', OBJECTIVES, id);
}

export function auxiliaryById(id: string): Auxiliary {
  return find<Auxiliary>('an auxiliary head', AUXILIARIES, id);
}

export { defineAuxiliary, defineObjective, objectiveConfig } from './define.ts';
export type { Auxiliary, AuxiliaryInputs, Objective, ObjectiveInputs, ObjectiveResult } from './define.ts';
