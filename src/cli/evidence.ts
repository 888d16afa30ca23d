/** The shipped table of replacements, opened when it is first asked, and as evidence for the search. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { logit } from '../core/index.ts';
import { Replacements, TABLE_FILE } from '../replacements/index.ts';
import type { EvidenceSource, ReplacementSupport } from '../score/index.ts';
import type { Context } from './context.ts';

/** The table, read once. */
export type LazyReplacements = () => Replacements;

export interface ShippedReplacements {
  readonly table: LazyReplacements;
  /** undefined where the package was installed without the table. */
  readonly evidence: EvidenceSource | undefined;
}

export function shippedReplacements({ models }: Pick<Context, 'models'>): ShippedReplacements {
  const path = join(models, 'replacements', TABLE_FILE);
  let opened: Replacements | undefined;
  const table = (): Replacements => (opened ??= Replacements.open(path));
  return { table, evidence: existsSync(path) ? evidenceFrom(table) : undefined };
}

/** The table as the search asks it. */
export function evidenceFrom(table: LazyReplacements): EvidenceSource {
  return {
    support: (changes) => Promise.resolve(changes.map((ways) => (ways.length === 0 ? undefined : supportOf(table(), ways)))),
  };
}

function supportOf(table: Replacements, ways: Parameters<Replacements['evidenceOf']>[0]): ReplacementSupport | undefined {
  const found = table.evidenceOf(ways);
  if (found === undefined) return undefined;
  const { change, evidence: { from, to, pairs, kept, assays, expectedKept, deltaLogP, deltaTpsa, environment: { radius, pairs: pairsHere, kept: keptHere } } } = found;
  const here = radius < 0 ? 'never at such an attachment atom' : `${keptHere} of ${pairsHere} in the same surroundings (${radius} ${radius === 1 ? 'bond' : 'bonds'} around)`;
  const text = `Measured: ${from} -> ${to} kept the activity in ${kept} of ${pairs} pairs of ${assays} assays (${percent(kept / pairs)}), ${here}; ${percent(expectedKept)} expected here; logP ${signed(deltaLogP, 1)}, TPSA ${signed(deltaTpsa, 0)} on average.`;
  return { change, value: Number((logit(expectedKept) - logit(table.usualShare)).toFixed(4)), text, from, to, pairs, assays, kept, expectedKept: Number(expectedKept.toFixed(4)), deltaLogP, deltaTpsa, environment: { radius, pairs: pairsHere, kept: keptHere } };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? '-' : '+'}${text}`;
}
