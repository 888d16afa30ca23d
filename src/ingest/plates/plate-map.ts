/** Plate maps: what is in each well. */
import { IsoLensError } from '../../core/index.ts';
import { isSmilesColumn } from '../columns.ts';
import { plateKey } from '../image-table.ts';
import { parseNamedTable } from '../table.ts';
import { wellAt, wellOf } from './names.ts';

export interface WellContent {
  readonly compound: string;
  readonly smiles: string;
  readonly concentration: string;
  /** What kind of control it is; empty for a treatment. */
  readonly control: string;
}

export interface PlateMap {
  /** undefined where the map says nothing of the well. */
  contentOf(plate: string, well: string): WellContent | undefined;
  /** Whether a plate has a well that is a control. */
  hasControls(plate: string): boolean;
  /** Sentences about what is doubtful in the map itself. */
  readonly problems: readonly string[];
}

const WELLS = ['well', 'well_position', 'wellname', 'well_name', 'metadata_well', 'well_id'];
const ROWS = ['row', 'metadata_row', 'well_row'];
const COLUMNS = ['column', 'col', 'metadata_column', 'metadata_col', 'well_column', 'well_col'];
const PLATES = ['plate', 'barcode', 'assay_plate_barcode', 'metadata_plate', 'plate_id', 'plate_barcode'];
const COMPOUNDS = ['compound', 'compound_id', 'broad_sample', 'metadata_broad_sample', 'jcp2022', 'metadata_jcp2022', 'treatment', 'perturbation', 'pert_iname', 'metadata_pert_iname', 'name'];
const CONCENTRATIONS = ['concentration', 'mmoles_per_liter', 'metadata_mmoles_per_liter', 'conc', 'dose', 'concentration_um', 'metadata_concentration'];
const CONTROLS = ['control', 'control_type', 'metadata_control_type', 'pert_type', 'metadata_pert_type', 'is_control'];
/** What stands in a column of controls for a treatment. */
const TREATMENTS = ['', 'trt', 'trt_cp', 'treatment', 'compound', 'no', 'false', '0', 'na', 'nan', 'none'];
/** Compounds that are controls although no column says so. */
const VEHICLES = ['dmso', 'vehicle', 'negcon', 'negative control'];

/**
 * Reads a comma- or tab-separated map. Columns are found by the names that laboratories and the public sets give them. COLUMN_MISSING
 * where no column tells the wells, or none tells the compounds; DATASET_INVALID where a well is none, or stands there twice.
 */
export function readPlateMap(text: string, path: string): PlateMap {
  const [header = [], ...rows] = parseNamedTable(text);
  const names = header.map((name) => name.trim());
  const at = (wanted: readonly string[]): number => names.findIndex((name) => wanted.includes(name.toLowerCase().replaceAll(' ', '_')));
  const places = { well: at(WELLS), row: at(ROWS), column: at(COLUMNS), plate: at(PLATES), compound: at(COMPOUNDS), concentration: at(CONCENTRATIONS), control: at(CONTROLS), smiles: names.findIndex(isSmilesColumn) };
  const missing = (what: string, known: readonly string[]): never => {
    throw new IsoLensError('COLUMN_MISSING', `Expected a column of ${what} (${known.slice(0, 4).join(', ')} ...) in ${path} but its columns are ${names.join(', ') || 'none'}; rename one.`);
  };
  if (places.well < 0 && (places.row < 0 || places.column < 0)) missing('wells', WELLS);
  if (places.compound < 0 && places.smiles < 0) missing('compounds', COMPOUNDS);
  const contents = new Map<string, WellContent>();
  rows.forEach((row, i) => {
    const cell = (place: number): string => (place < 0 ? '' : (row[place] ?? '').trim());
    const given = places.well < 0 ? `${cell(places.row)}, ${cell(places.column)}` : cell(places.well);
    const well = places.well < 0 ? wellIn(cell(places.row), cell(places.column)) : wellOf(given);
    if (well === undefined) throw new IsoLensError('DATASET_INVALID', `Expected a well such as A01 in record ${i + 1} of ${path} but received ${JSON.stringify(given)}.`);
    const key = keyOf(cell(places.plate), well);
    if (contents.has(key)) throw new IsoLensError('DATASET_INVALID', `Expected each well once in ${path} but ${well}${places.plate < 0 ? '' : ` of plate ${cell(places.plate)}`} stands there twice (record ${i + 1}).`);
    contents.set(key, { compound: cell(places.compound), smiles: cell(places.smiles), concentration: cell(places.concentration), control: controlOf(cell(places.control), cell(places.compound)) });
  });
  const found = (plate: string, well: string): WellContent | undefined => contents.get(keyOf(plate, well)) ?? (places.plate < 0 ? contents.get(keyOf('', well)) : undefined);
  return {
    contentOf: found,
    hasControls: (plate) => [...contents].some(([key, { control }]) => control !== '' && (places.plate < 0 || key.startsWith(`${plateKey(plate)}\t`))),
    problems: problemsOf([...contents.values()]),
  };
}

function keyOf(plate: string, well: string): string {
  return `${plateKey(plate)}\t${well}`;
}

/** Rows are letters or numbers. */
function wellIn(row: string, column: string): string | undefined {
  return /^\d+$/.test(row) ? wellAt(Number(row), Number(column)) : wellOf(`${row}${column}`);
}

function controlOf(control: string, compound: string): string {
  if (!TREATMENTS.includes(control.toLowerCase())) return control;
  return VEHICLES.includes(compound.toLowerCase()) ? compound : '';
}

function problemsOf(wells: readonly WellContent[]): string[] {
  const smilesOf = new Map<string, Set<string>>();
  for (const { compound, smiles } of wells) if (compound !== '' && smiles !== '') smilesOf.set(compound, (smilesOf.get(compound) ?? new Set()).add(smiles));
  const several = [...smilesOf].filter(([, all]) => all.size > 1).map(([compound]) => compound);
  const without = [...new Set(wells.filter(({ compound, smiles, control }) => compound !== '' && smiles === '' && control === '').map(({ compound }) => compound))].filter((compound) => !smilesOf.has(compound));
  return [
    ...(several.length > 0 ? [`${some(several)} has several SMILES in the map; each well keeps its own.`] : []),
    ...(without.length > 0 ? [`${some(without)} has no SMILES in the map.`] : []),
  ];
}

const MOST_NAMED = 5;

/** "A, B and 7 more". */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}
