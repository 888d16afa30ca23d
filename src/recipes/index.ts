import { bioactivity } from './bioactivity.ts';
import { cloome, cloomeClip } from './cloome.ts';
import { cmaeCells } from './cmae-cells.ts';
import { crdCompression, crdEnsemble, crdTransfer } from './crd.ts';
import { declutr } from './declutr.ts';
import { drawingStructureLoob } from './drawing-structure-loob.ts';
import { drawingStructure } from './drawing-structure.ts';
import { fourModalities } from './four-modalities.ts';
import { graphFingerprint } from './graph-fingerprint.ts';
import { miga } from './miga.ts';
import { mocoCells } from './moco-cells.ts';
import { moco, mocoV1 } from './moco.ts';
import { molclr } from './molclr.ts';
import { profile } from './profile.ts';
import { simclrCells } from './simclr-cells.ts';
import { simclr, simclrV2 } from './simclr.ts';
import { simcse, simcseSupervised } from './simcse.ts';
import { structureReader } from './structure-reader.ts';
import { supConCells, tRexCells } from './supervised-cells.ts';
import { swavCells, swavCellsMultiCrop } from './swav-cells.ts';
import { swav } from './swav.ts';

/** Adding a recipe: one file and one line here. */
export const RECIPES = [
  drawingStructure, drawingStructureLoob, graphFingerprint, molclr, simclr, simclrV2, simcse, simcseSupervised, declutr, mocoV1, moco, swav, bioactivity,
  fourModalities,
  simclrCells, mocoCells, swavCells, swavCellsMultiCrop, cmaeCells, supConCells, tRexCells,
  cloome, cloomeClip, miga, profile,
  crdCompression, crdTransfer, crdEnsemble,
] as const;

/** Adding a recipe of a reader: one file and one line here. */
export const READER_RECIPES = [structureReader] as const;

export { defineReaderRecipe, defineRecipe, readerRecipeSchema, recipeSchema } from './define.ts';
export type { MeasurementTableWish, ReaderRecipe, Recipe, RecipeSource, RecipeTower } from './define.ts';
