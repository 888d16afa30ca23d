import { IsoLensError } from '../core/index.ts';
import type { Modality } from './define.ts';
import { cells } from './cells.ts';
import { drawing } from './drawing.ts';
import { fingerprint } from './fingerprint.ts';
import { graph } from './graph.ts';
import { profile } from './profile.ts';
import { smiles } from './smiles.ts';

/** Adding a modality: one file and one line here. */
export const MODALITIES = [fingerprint, graph, drawing, smiles, cells, profile] as const;

export type ModalityId = (typeof MODALITIES)[number]['id'];

export function modalityById(id: string): Modality {
  const found = MODALITIES.find((modality) => modality.id === id);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a modality (${MODALITIES.map((modality) => modality.id).join(', ')}) but received "${id}".`);
}

/** A configuration that the modality has accepted, its defaults filled in. */
export function modalityConfig<Config>(modality: Modality<Config>, value: unknown): Config {
  const parsed = modality.config.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a valid configuration of the modality "${modality.id}" but received one that is not: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
}

export { defineImageModality, defineMoleculeModality, defineProfileModality } from './define.ts';
export type { ImageItem, ImageModality, ImageWarning, Modality, ModalityBatch, ModalityError, Portrayer } from './define.ts';
export type { ModalityFeed, ModalitySource, ModalityView, MoleculeModality, PictureSize, ProfileModality, RowRange } from './define.ts';
export { featuriseItems, featurisePortraits } from './featurise.ts';
export type { FeaturiseOptions, ModalityItem, ModalityServices } from './featurise.ts';
