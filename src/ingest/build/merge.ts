import { createHash } from 'node:crypto';
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
 * Decides which records are one molecule: the standard InChIKey of the parent is the identity, so that tautomers are one. Of their spellings the
 * one that stays does not depend on the order of the library; nothing of the others is lost but their spelling: identifiers, names and new
 * columns are kept.
 */
export class Merger {
  /** Molecules are numbered as they come; rows are numbered when all have come. */
  private readonly molecules = new Map<string, number>();
  /** By molecule: which record stands for it, and the rank of its spelling. */
  private readonly chosen: number[] = [];
  private readonly ranks: number[] = [];
  private readonly owners = new Map<string, number>();
  /** The next number to add to an identifier that was claimed twice. */
  private readonly suffixes = new Map<string, number>();
  /** What a molecule was given for an identifier of another one, by molecule and identifier. */
  private readonly given = new Map<string, string>();
  private readonly additions = new Map<number, Additions>();
  private readonly renamed = new Map<number, string>();
  /** Molecules for which another spelling of theirs stood first, by that record. */
  private readonly displaced = new Map<number, number>();
  private rows: Rows | undefined;
  private joined = 0;

  /** Molecules so far. */
  get count(): number {
    return this.chosen.length;
  }

  /** Records that are another's molecule. */
  get merged(): number {
    return this.joined;
  }

  /** Records whose identifier another molecule had already; `~2`, `~3` was added to it. */
  get renamedIds(): number {
    return this.renamed.size;
  }

  /** Takes the next shard. */
  accept({ entries }: Pick<Shard, 'entries'>): void {
    for (const entry of entries) {
      const known = this.molecules.get(entry.inchiKey);
      const molecule = known ?? this.chosen.length;
      const id = this.claim(entry, molecule);
      if (known === undefined) {
        this.molecules.set(entry.inchiKey, molecule);
        this.chosen.push(entry.ordinal);
        this.ranks.push(rankOf(entry.smiles));
        continue;
      }
      this.joined++;
      if (rankOf(entry.smiles) < this.ranks[molecule]!) this.replace(molecule, entry);
      else this.join(molecule, entry, id);
    }
  }

  /**
   * The rows that a shard brings, ascending, once all shards are accepted; to be asked shard by shard in the order of the library. Rows are
   * numbered in the order of the records that stand for molecules.
   */
  finished({ entries }: Pick<Shard, 'entries'>): FinishedMolecule[] {
    const rows = (this.rows ??= this.numbered());
    return entries.flatMap((entry, position) => {
      const displacedOf = this.displaced.get(entry.ordinal);
      if (displacedOf !== undefined) this.join(displacedOf, entry, this.renamed.get(entry.ordinal) ?? entry.id);
      const row = rows.rowOf(entry.ordinal);
      if (row === undefined) return [];
      const more = this.additions.get(rows.moleculeAt(row));
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

  /** What decided which records are one molecule is no longer needed, and takes some hundred bytes a molecule. */
  private numbered(): Rows {
    this.molecules.clear();
    this.owners.clear();
    this.suffixes.clear();
    this.given.clear();
    this.ranks.length = 0;
    return new Rows(this.chosen);
  }

  /** The record that stood for the molecule comes before this one: it joins when it is met again. */
  private replace(molecule: number, entry: ShardEntry): void {
    this.displaced.set(this.chosen[molecule]!, molecule);
    this.chosen[molecule] = entry.ordinal;
    this.ranks[molecule] = rankOf(entry.smiles);
  }

  /** An identifier belongs to one molecule; the next that claims it gets a suffix. */
  private claim(entry: ShardEntry, molecule: number): string {
    const isFree = (this.owners.get(entry.id) ?? molecule) === molecule;
    const id = isFree ? entry.id : this.suffixed(entry.id, molecule);
    this.owners.set(id, molecule);
    if (id !== entry.id) this.renamed.set(entry.ordinal, id);
    return id;
  }

  /** A library may bear one identifier throughout, so no number is tried twice. */
  private suffixed(wanted: string, molecule: number): string {
    const key = `${molecule} ${wanted}`;
    const known = this.given.get(key);
    if (known !== undefined) return known;
    let n = this.suffixes.get(wanted) ?? 2;
    while (this.owners.has(`${wanted}~${n}`)) n++;
    this.suffixes.set(wanted, n + 1);
    const id = `${wanted}~${n}`;
    this.given.set(key, id);
    return id;
  }

  private join(molecule: number, entry: ShardEntry, id: string): void {
    const more = this.additions.get(molecule) ?? { ids: [], names: [], properties: {} };
    this.additions.set(molecule, more);
    more.ids.push(id);
    more.names.push(...entry.names);
    for (const [name, value] of Object.entries(entry.properties)) if (!(name in more.properties)) setProperty(more.properties, name, String(value));
  }
}

/** Rows are numbered in the order of the records that stand for molecules. */
class Rows {
  /** By row. */
  private readonly molecules: Uint32Array;
  private readonly ordinals: Float64Array;

  /** chosen: by molecule, the ordinal of its record. */
  constructor(chosen: readonly number[]) {
    this.molecules = Uint32Array.from(chosen.keys()).sort((a, b) => chosen[a]! - chosen[b]!);
    this.ordinals = Float64Array.from(this.molecules, (molecule) => chosen[molecule]!);
  }

  rowOf(ordinal: number): number | undefined {
    const { ordinals } = this;
    let [low, high] = [0, ordinals.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ordinals[middle]! < ordinal) low = middle + 1;
      else high = middle;
    }
    return ordinals[low] === ordinal ? low : undefined;
  }

  moleculeAt(row: number): number {
    return this.molecules[row]!;
  }
}

/** A number by which spellings are ordered: of equal ones equal, and of others as good as any other order. */
function rankOf(smiles: string): number {
  return createHash('sha256').update(smiles).digest().readUIntBE(0, 6);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
