/** What the columns of tables about plates are (maps, profiles): by the names that laboratories, CellProfiler, pycytominer and the public sets give them. */
import { INCHI_NAMES, SMILES_NAMES, normaliseName } from './columns.ts';

/** Normalised, without `Metadata_`, the likelier first. */
const NAMES = {
  plate: ['plate', 'assayplatebarcode', 'platebarcode', 'barcode', 'plateid'],
  well: ['well', 'wellposition', 'wellname', 'wellid'],
  row: ['row', 'wellrow'],
  column: ['column', 'col', 'wellcolumn', 'wellcol'],
  /** An identifier. */
  compound: ['broadsample', 'jcp2022', 'compoundid', 'pertid', 'brdid', 'perturbation', 'treatment'],
  name: ['pertiname', 'compoundname', 'compound', 'name', 'pertname', 'commonname'],
  smiles: SMILES_NAMES,
  inchi: INCHI_NAMES,
  inchiKey: ['inchikey', 'inchikeystandard'],
  concentration: ['concentration', 'mmolesperliter', 'conc', 'dose', 'concentrationum', 'concum'],
  mechanism: ['moa', 'mechanismofaction', 'mechanism'],
  /** Which kind of control. */
  controlType: ['controltype'],
  /** Whether it is one. */
  control: ['control', 'iscontrol'],
  treatmentType: ['perttype', 'treatmenttype', 'role'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PlateField = keyof typeof NAMES;

const METADATA_PREFIX = /^(Image_)?Metadata_/i;

/** Whether a column is marked as one that describes the well. */
export function isMetadata(name: string): boolean {
  return METADATA_PREFIX.test(name);
}

/** The place of each column; -1 where there is none. */
export function plateColumns(header: readonly string[]): Readonly<Record<PlateField, number>> {
  const bare = header.map((cell) => normaliseName(cell.trim().replace(METADATA_PREFIX, '')));
  const find = (names: readonly string[]): number => names.reduce((found, name) => (found >= 0 ? found : bare.indexOf(name)), -1);
  return Object.fromEntries(Object.entries(NAMES).map(([field, names]) => [field, find(names)])) as Record<PlateField, number>;
}
