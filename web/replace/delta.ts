import { signed } from '../answer/words.ts';

const SHOWN = [['molecularWeight', 'MW', 0, 1], ['logP', 'logP', 1, 0.1], ['tpsa', 'TPSA', 0, 1]] as const;

/** Changes that are worth a chip: label and text. */
export function deltaText(changes: Readonly<Record<string, number>>): (readonly [string, string])[] {
  return SHOWN.flatMap(([key, label, digits, least]) => {
    const value = changes[key] ?? 0;
    return Math.abs(value) < least ? [] : [[label, signed(value, digits)] as const];
  });
}
