import { setProperty } from '../columns.ts';
import type { PropertyValue, StoredMolecule } from '../../store/index.ts';
import type { Shard, ShardEntry } from './shard.ts';

interface Additions {
  readonly ids: string[];
  readonly names: string[];
  readonly properties: Record<string, PropertyValue>;
}

export interface FinishedMolecule extends StoredMolecule {
  /** Among the entries of its shard. */
  readonly position: number;
}

/**
 * Decides, in the order of the library, which record becomes a row and which joins an earlier one: the InChIKey of the parent
 * is the identity. Nothing of a joining record is lost but its spelling: identifiers, names and new columns are kept.
 */
export class Merger {
  private readonly rows = new Map<string, number>();
  private readonly owners = new Map<string, number>();
  /** The next number to add to an identifier that was claimed twice. */
  private readonly suffixes = new Map<string, number>();
  /** What a molecule was given for an identifier of another one, by row and identifier. */
  private readonly given = new Map<string, string>();
  private readonly additions = new Map<number, Additions>();
  private readonly renamed = new Map<number, string>();
  private readonly firsts = new Map<number, number>();

  /** Rows so far. */
  get count(): number {
    return this.rows.size;
  }

  /** Records that joined an earlier row. */
  get merged(): number {
    return this.joined;
  }

  /** Records whose identifier another molecule had already; `~2`, `~3` was added to it. */
  get renamedIds(): number {
    return this.renamed.size;
  }

  private joined = 0;

  /** Takes the next shard; returns the positions in it of the entries that became new rows. */
  accept(shard: Shard): number[] {
    const fresh: number[] = [];
    shard.entries.forEach((entry, position) => {
      const known = this.rows.get(entry.inchiKey);
      const row = known ?? this.rows.size;
      const id = this.claim(entry, row);
      if (known === undefined) {
        this.rows.set(entry.inchiKey, row);
        this.firsts.set(entry.ordinal, row);
        fresh.push(position);
      } else {
        this.joined++;
        this.join(row, entry, id);
      }
    });
    return fresh;
  }

  /** The finished molecules of a shard that was accepted, once all shards are. */
  molecules(shard: Shard): FinishedMolecule[] {
    return shard.entries.flatMap((entry, position) => {
      const row = this.firsts.get(entry.ordinal);
      if (row === undefined) return [];
      const more = this.additions.get(row);
      return [{
        position, row,
        ids: unique([this.renamed.get(entry.ordinal) ?? entry.id, ...(more?.ids ?? [])]),
        names: unique([...entry.names, ...(more?.names ?? [])]),
        smiles: entry.smiles,
        inchiKey: entry.inchiKey,
        scaffold: entry.scaffold,
        properties: { ...more?.properties, ...entry.properties },
      }];
    });
  }

  /** An identifier belongs to one molecule; the next that claims it gets a suffix. */
  private claim(entry: ShardEntry, row: number): string {
    const isFree = (this.owners.get(entry.id) ?? row) === row;
    const id = isFree ? entry.id : this.suffixed(entry.id, row);
    this.owners.set(id, row);
    if (id !== entry.id) this.renamed.set(entry.ordinal, id);
    return id;
  }

  /** A library may bear one identifier throughout, so no number is tried twice. */
  private suffixed(wanted: string, row: number): string {
    const key = `${row} ${wanted}`;
    const known = this.given.get(key);
    if (known !== undefined) return known;
    let n = this.suffixes.get(wanted) ?? 2;
    while (this.owners.has(`${wanted}~${n}`)) n++;
    this.suffixes.set(wanted, n + 1);
    const id = `${wanted}~${n}`;
    this.given.set(key, id);
    return id;
  }

  private join(row: number, entry: ShardEntry, id: string): void {
    const more = this.additions.get(row) ?? { ids: [], names: [], properties: {} };
    this.additions.set(row, more);
    more.ids.push(id);
    more.names.push(...entry.names);
    for (const [name, value] of Object.entries(entry.properties)) if (!(name in more.properties)) setProperty(more.properties, name, String(value));
  }
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
