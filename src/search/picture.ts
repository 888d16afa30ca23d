/** A picture as a molecule: what a reader saw in it, as chemistry understands it. */
import { IsoLensError } from '../core/index.ts';
import type { ChemPool, StandardMolecule } from '../chem/index.ts';
import type { DrawingReader, DrawingReading } from '../reading/index.ts';
import { warningText } from './warnings.ts';

export interface ReadStructure {
  readonly reading: DrawingReading;
  /** What was drawn, standardised; undefined where chemistry refuses what was read. */
  readonly molecule: StandardMolecule | undefined;
  /** Why there is no molecule. */
  readonly refusal: string | undefined;
  /** That this is the drawn molecule, stereo aside: 0 to 1. */
  readonly confidence: number;
  readonly warnings: readonly string[];
}

/** Of atoms and bonds, as they are told. */
const DOUBTFUL = 0.6;

export async function readStructure(reader: DrawingReader, chem: ChemPool, bytes: Uint8Array, structure = 1): Promise<ReadStructure> {
  const reading = await reader.read(bytes, { structure });
  const [outcome] = await chem.standardise([reading.molfile], { urgent: true });
  if (outcome === undefined) throw new IsoLensError('INTERNAL', 'Expected an answer for one molecule but received none.');
  const confidence = outcome.ok ? reading.confidence : 0;
  const texts = [...reading.warnings, ...(outcome.ok ? outcome.value.warnings : [])].map(warningText);
  const points = reading.graph.atoms.filter(({ class: index }) => reader.vocabulary.classes[index]!.element === 0).length;
  return {
    reading,
    molecule: outcome.ok ? outcome.value : undefined,
    refusal: outcome.ok ? undefined : outcome.error.message,
    confidence,
    warnings: [...texts, ...(points === 0 ? [] : [`${points === 1 ? 'One R group or attachment point was' : `${points} R groups or attachment points were`} read: the drawing stands for more than one molecule.`]), ...doubts(reading)],
  };
}

function doubts({ graph: { atoms, bonds } }: DrawingReading): string[] {
  const [unsureAtoms, unsureBonds] = [atoms, bonds].map((all) => all.filter(({ confidence }) => confidence < DOUBTFUL).length) as [number, number];
  if (unsureAtoms + unsureBonds === 0) return [];
  const parts = [...(unsureAtoms > 0 ? [`${unsureAtoms} of ${atoms.length} atoms`] : []), ...(unsureBonds > 0 ? [`${unsureBonds} of ${bonds.length} bonds`] : [])];
  return [`Doubtful: ${parts.join(' and ')}; compare the reading with the picture.`];
}
