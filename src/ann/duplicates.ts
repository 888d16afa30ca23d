import type { VectorTable } from './vector-table.ts';

/** Rows that equal an earlier row bit for bit. The first of them stands for all in the graph. */
export class DuplicateMap {
  /** Hash of a row -> rows that stand for themselves and have it. */
  private readonly byHash = new Map<number, number[]>();
  private readonly twins = new Map<number, number[]>();
  private total = 0;
  /** Rows that are not hashed yet: an index that is opened is rarely added to, and hashing reads all of it. */
  private unread: (() => void) | undefined;

  static from(pairs: readonly number[], table: VectorTable): DuplicateMap {
    const map = new DuplicateMap();
    const repeated = new Set<number>();
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      map.link(pairs[i]!, pairs[i + 1]!);
      repeated.add(pairs[i]!);
    }
    const { count } = table;
    map.unread = () => {
      for (let label = 0; label < count; label++) if (!repeated.has(label)) map.remember(hashRow(table.row(label)), label);
    };
    return map;
  }

  get count(): number {
    return this.total;
  }

  /** Records the row; true where an equal one came before. */
  isDuplicate(label: number, row: Float32Array, rowOf: (label: number) => Float32Array): boolean {
    this.unread?.();
    this.unread = undefined;
    const hash = hashRow(row);
    const earlier = this.byHash.get(hash)?.find((other) => equalRows(row, rowOf(other)));
    if (earlier === undefined) this.remember(hash, label);
    else this.link(label, earlier);
    return earlier !== undefined;
  }

  of(label: number): readonly number[] {
    return this.twins.get(label) ?? NO_TWINS;
  }

  /** Pairs (row, the row that stands for it), one after another. */
  flatten(): number[] {
    return [...this.twins].flatMap(([first, labels]) => labels.flatMap((label) => [label, first]));
  }

  private remember(hash: number, label: number): void {
    const known = this.byHash.get(hash);
    if (known === undefined) this.byHash.set(hash, [label]);
    else known.push(label);
  }

  private link(label: number, first: number): void {
    const known = this.twins.get(first);
    if (known === undefined) this.twins.set(first, [label]);
    else known.push(label);
    this.total++;
  }
}

const NO_TWINS: readonly number[] = Object.freeze([]);

/** FNV-1a over the 32-bit words. */
function hashRow(row: Float32Array): number {
  const words = new Uint32Array(row.buffer, row.byteOffset, row.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  return hash;
}

function equalRows(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
