/** RDKit with everything prepared once: one per worker thread. */
import { compileAlerts } from './alerts.ts';
import type { CompiledAlert } from './alerts.ts';
import { loadRdkit } from './rdkit.ts';
import type { Rdkit } from './rdkit.ts';
import { createStandardiser } from './standardise.ts';
import type { Standardiser } from './standardise.ts';

export interface Kernel {
  readonly rdkit: Rdkit;
  readonly standardiser: Standardiser;
  /** Compiled at the first call: not every worker needs them. */
  alerts(): readonly CompiledAlert[];
}

export async function createKernel(): Promise<Kernel> {
  const rdkit = await loadRdkit();
  let alerts: readonly CompiledAlert[] | undefined;
  return { rdkit, standardiser: createStandardiser(rdkit), alerts: () => (alerts ??= compileAlerts(rdkit)) };
}
