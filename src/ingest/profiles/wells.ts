/** What a table of profiles says of its wells. */
import { cleanText } from '../columns.ts';
import type { PlateField } from '../plate-columns.ts';
import type { ProfileColumns } from './columns.ts';

export interface Well {
  readonly plate: string;
  readonly well: string;
  /** Whatever names the compound: identifier, name, SMILES and InChIKey, each null where the table has none. */
  readonly compound: string | null;
  readonly name: string | null;
  readonly smiles: string | null;
  readonly inchiKey: string | null;
  /** Several where the annotation separates them by "|", as the Drug Repurposing Hub does. */
  readonly mechanisms: readonly string[];
  /** A negative control: solvent alone. A positive control is a compound as any other. */
  readonly isControl: boolean;
}

const NEGATIVE = /^(negcon|negative|neg|negative control|negative_control|dmso|vehicle|solvent)/i;
/** The solvent as it is called where no column tells controls apart; the second is its JUMP-CP identifier. */
const SOLVENTS = new Set(['dmso', 'jcp2022_033924']);

/** The columns that are read. */
export const WELL_FIELDS = ['plate', 'well', 'compound', 'name', 'smiles', 'inchiKey', 'mechanism', 'controlType', 'treatmentType'] as const satisfies readonly PlateField[];

/** `cellOf`: what stands in a column of the well's row. */
export function readWell(cellOf: (field: (typeof WELL_FIELDS)[number]) => string | undefined, { metadata }: ProfileColumns): Well {
  const text = (field: (typeof WELL_FIELDS)[number]): string | null => present(cleanText(cellOf(field)));
  const [compound, name] = [text('compound'), text('name')];
  const mechanisms = (text('mechanism') ?? '').split('|').map((one) => one.trim()).filter((one) => one !== '');
  return {
    plate: text('plate') ?? '', well: text('well') ?? '', compound, name, smiles: text('smiles'), inchiKey: text('inchiKey'), mechanisms,
    isControl: isControl(text('controlType'), text('treatmentType'), metadata.controlType >= 0 || metadata.treatmentType >= 0, [compound, name]),
  };
}

/** Public tables write "control" with the kind in another column, or the kind alone ("negcon", "negcon_dmso"). */
function isControl(controlType: string | null, treatment: string | null, isTold: boolean, names: readonly (string | null)[]): boolean {
  if (controlType !== null) return NEGATIVE.test(controlType);
  if (isTold) return treatment !== null && (NEGATIVE.test(treatment) || treatment.toLowerCase() === 'control');
  return names.some((name) => name !== null && SOLVENTS.has(name.toLowerCase()));
}

/** pandas writes gaps of text columns as nan where asked to. */
function present(text: string | null): string | null {
  return text !== null && /^(nan|na|none|null)$/i.test(text) ? null : text;
}
