/** RDKit with everything prepared once: one per worker thread. */
import { loadRdkit } from './rdkit.ts';
import type { Rdkit } from './rdkit.ts';
import { createStandardiser } from './standardise.ts';
import type { Standardiser } from './standardise.ts';

export interface Kernel {
  readonly rdkit: Rdkit;
  readonly standardiser: Standardiser;
}

export async function createKernel(): Promise<Kernel> {
  const rdkit = await loadRdkit();
  return { rdkit, standardiser: createStandardiser(rdkit) };
}
