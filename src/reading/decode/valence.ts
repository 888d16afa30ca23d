/** How many bonds an element may have, as it is drawn: hydrogens are implied, so there is no least number. */

/** Greatest sums of bond orders of uncharged atoms, by atomic number; others have room for `ROOMY`. */
const VALENCES: ReadonlyMap<number, number> = new Map([
  [1, 1], [5, 3], [6, 4], [7, 3], [8, 2], [9, 1], [14, 4], [15, 5], [16, 6], [17, 1], [33, 5], [34, 6], [35, 1], [53, 1],
]);
const ROOMY = 8;
/** Elements that gain a bond with a positive charge and lose one with a negative charge. */
const RIGHT_OF_CARBON = new Set([7, 8, 9, 17, 35, 53]);

export function greatestValence(element: number, charge: number): number {
  const plain = VALENCES.get(element) ?? ROOMY;
  if (charge === 0) return plain;
  if (RIGHT_OF_CARBON.has(element)) return plain + charge;
  if (element === 5) return plain - charge;
  if (element === 6 || element === 14 || element === 1) return plain - Math.abs(charge);
  if (element === 15) return charge > 0 ? 4 : 6;
  return plain;
}
