/** Plate maps: what is in each well. */
import { IsoLensError } from '../../core/index.ts';
import { plateKey } from '../image-table.ts';
import { plateColumns } from '../plate-columns.ts';
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
  const known = plateColumns(names);
  const either = (...places: readonly number[]): number => places.find((place) => place >= 0) ?? -1;
  const places = {
    ...known,
    compound: either(known.compound, known.name),
    smiles: either(known.smiles, known.inchi),
    control: either(known.controlType, known.control, known.treatmentType),
  };
  const missing = (what: string, such: string): never => {
    throw new IsoLensError('COLUMN_MISSING', `Expected a column of ${what} (such as ${such}) in ${path} but its columns are ${names.join(', ') || 'none'}; rename one.`);
  };
  if (places.well < 0 && (places.row < 0 || places.column < 0)) missing('wells', 'well, well_position, or row and column');
  if (places.compound < 0 && places.smiles < 0) missing('compounds', 'compound, compound_id or smiles');
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
  const contentOf = (plate: string, well: string): WellContent | undefined => contents.get(keyOf(plate, well)) ?? (places.plate < 0 ? contents.get(keyOf('', well)) : undefined);
  return {
    contentOf,
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
