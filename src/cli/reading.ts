/** Readers of drawings as commands use them: the shipped one, and a program of another maker beside it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { ReadResponse } from '../api/index.ts';
import { readReaderModel } from '../bundle/index.ts';
import { IsoLensError, toIsoLensError } from '../core/index.ts';
import type { EvaluatedReader } from '../evaluate/index.ts';
import { DrawingReader } from '../reading/index.ts';
import type { ReaderVocabulary } from '../reading/index.ts';
import type { ReadStructure } from '../search/index.ts';
import type { Context } from './context.ts';
import { DEFAULT_READER } from './shipped.ts';

export async function openReader(context: Context, model: string | undefined, workers: number, timeoutMs?: number): Promise<DrawingReader> {
  const directory = model ?? join(context.models, DEFAULT_READER);
  return DrawingReader.open(await readReaderModel(directory), { workers, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

/** The shipped reader; undefined, with a warning, where it is not there. */
export async function openShippedReader(context: Context, timeoutMs: number): Promise<DrawingReader | undefined> {
  try {
    return await openReader(context, undefined, 1, timeoutMs);
  } catch (thrown) {
    context.progress.warn(`Pictures are not read, only compared. ${toIsoLensError(thrown).message}`);
    return undefined;
  }
}

export function ownReader(reader: DrawingReader): EvaluatedReader {
  return {
    name: 'isolens',
    read: async (bytes) => {
      try {
        return { structure: (await reader.read(bytes)).molfile };
      } catch (thrown) {
        return { structure: undefined, error: toIsoLensError(thrown).code };
      }
    },
  };
}

const OSRA_TIMEOUT_MS = 60_000;

/** OSRA (GPL) as a program of its own, where it is installed: the peer in measurements, never a part of the product. */
export function osraReader(): EvaluatedReader {
  return {
    name: 'osra',
    read: (_bytes, path) => new Promise((resolve, reject) => {
      execFile('osra', [path], { timeout: OSRA_TIMEOUT_MS, maxBuffer: 1 << 22 }, (error, stdout) => {
        if (error !== null && 'code' in error && error.code === 'ENOENT') {
          reject(new IsoLensError('ARGUMENT_INVALID', 'Expected the program osra for --peer osra but it is not installed; on Debian: apt-get install osra.', { cause: error }));
          return;
        }
        const lines = stdout.split('\n').map((line) => line.trim().split(/\s/, 1)[0]!).filter((line) => line !== '');
        resolve({ structure: lines.sort((a, b) => b.length - a.length)[0] });
      });
    }),
  };
}

const PLACES = 3;

export function describeReading({ reading, molecule, refusal, confidence, warnings }: ReadStructure, { classes }: ReaderVocabulary, tookMs: number): ReadResponse {
  const { graph, molfile, drawnAtoms, box, picture, structures } = reading;
  const rounded = (value: number): number => Number(value.toFixed(PLACES));
  return {
    smiles: molecule?.parentSmiles ?? null,
    inchiKey: molecule?.inchiKey ?? null,
    molfile,
    confidence: rounded(confidence),
    atoms: graph.atoms.map((atom) => ({ x: rounded(atom.x), y: rounded(atom.y), label: classes[atom.class]!.label, charge: atom.charge, confidence: rounded(atom.confidence) })),
    bonds: graph.bonds.map((bond) => ({ begin: bond.begin, end: bond.end, order: bond.order, stereo: bond.stereo, confidence: rounded(bond.confidence) })),
    drawnAtoms: [...drawnAtoms],
    box: { ...box },
    structures: structures.map((one) => ({ ...one })),
    picture: { width: picture.columns, height: picture.rows },
    removed: [...(molecule?.removedFragments ?? [])],
    warnings: [...warnings, ...(refusal === undefined ? [] : [`What was read is no molecule. ${refusal}`])],
    tookMs,
  };
}
