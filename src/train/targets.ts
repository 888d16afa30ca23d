/** Which target an assay belongs to, where the table does not say so: it shares its actives with the set of the target. */

/** Keys of the actives of each assay, by its name. */
export type ActiveSets = ReadonlyMap<string, ReadonlySet<string>>;

/** Fewer shared actives say nothing. */
const LEAST_SHARED = 3;
/** Of the assay's actives that any target is known of. */
const LEAST_SHARE = 0.5;

/** Of each assay that most of its known actives assign to one target: the name of the target. Ties go to the smaller set. */
export function targetsOf(assays: ActiveSets, targets: ActiveSets): Map<string, string> {
  const actsAt = new Map<string, string[]>();
  for (const [target, actives] of targets) {
    for (const key of actives) {
      const known = actsAt.get(key);
      if (known === undefined) actsAt.set(key, [target]);
      else known.push(target);
    }
  }
  const found = new Map<string, string>();
  for (const [assay, actives] of assays) {
    const shared = new Map<string, number>();
    let known = 0;
    for (const key of actives) {
      const at = actsAt.get(key);
      if (at === undefined) continue;
      known++;
      for (const target of at) shared.set(target, (shared.get(target) ?? 0) + 1);
    }
    const [best] = [...shared].sort(([a, x], [b, y]) => y - x || targets.get(a)!.size - targets.get(b)!.size || (a < b ? -1 : 1));
    if (best !== undefined && best[1] >= LEAST_SHARED && best[1] >= LEAST_SHARE * known) found.set(assay, best[0]);
  }
  return found;
}
