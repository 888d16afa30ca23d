/** Pairs of neighbours: which atoms of an aromatic system share its double bonds. */

/** Steps spent on one atom; molecules need a few dozen. */
const MOST_STEPS = 4000;

/**
 * Pairs as many of `order` (the most wanted first) as can be, by augmenting paths; once paired, an atom stays so. Paths are tried
 * with every way through odd rings, which a plain search would miss.
 */
export function matchPairs(order: readonly number[], allowed: ReadonlySet<number>, neighbours: (atom: number) => readonly number[]): Map<number, number> {
  const mates = new Map<number, number>();
  for (const start of order) {
    if (mates.has(start)) continue;
    const budget = { steps: MOST_STEPS };
    augment(start, new Set([start]), mates, allowed, neighbours, budget);
  }
  return mates;
}

function augment(
  atom: number, path: Set<number>, mates: Map<number, number>, allowed: ReadonlySet<number>, neighbours: (atom: number) => readonly number[], budget: { steps: number },
): boolean {
  for (const next of neighbours(atom)) {
    if (path.has(next) || !allowed.has(next) || budget.steps-- <= 0) continue;
    const mate = mates.get(next);
    if (mate !== undefined) {
      if (path.has(mate)) continue;
      path.add(next).add(mate);
      const isFree = augment(mate, path, mates, allowed, neighbours, budget);
      path.delete(next);
      path.delete(mate);
      if (!isFree) continue;
    }
    mates.set(atom, next);
    mates.set(next, atom);
    return true;
  }
  return false;
}
