/** Which wells hold the same compound, in one table and across tables. */
import { matrixOf, median } from '../../core/index.ts';
import type { Matrix } from '../../core/index.ts';
import type { Profiles, Well } from '../../ingest/index.ts';

/** `of[t][w]`: number of the compound in well w of table t; -1 in controls and wells without one. */
export interface Compounds {
  readonly of: readonly Int32Array[];
  readonly count: number;
}

/**
 * Wells that share any identifier (connectivity of the InChIKey, SMILES, identifier, name) hold one compound. What is joined in error only
 * makes the evaluation stricter; one compound taken for two would find itself.
 */
export function compoundsOf(tables: readonly Profiles[]): Compounds {
  const parents: number[] = [];
  const root = (node: number): number => {
    let at = node;
    while (parents[at] !== at) at = parents[at]!;
    parents[node] = at;
    return at;
  };
  const known = new Map<string, number>();
  const nodes = tables.map(({ wells }) => wells.map((well) => {
    const own = well.isControl ? [] : identifiers(well);
    let joined = -1;
    for (const identifier of own) {
      let node = known.get(identifier);
      if (node === undefined) {
        node = parents.length;
        known.set(identifier, node);
        parents.push(node);
      }
      if (joined >= 0) parents[root(node)] = root(joined);
      joined = node;
    }
    return joined;
  }));
  const numbers = new Map<number, number>();
  const of = nodes.map((table) => Int32Array.from(table, (node) => {
    if (node < 0) return -1;
    const top = root(node);
    if (!numbers.has(top)) numbers.set(top, numbers.size);
    return numbers.get(top)!;
  }));
  return { of, count: numbers.size };
}

function identifiers({ inchiKey, smiles, compound, name }: Well): string[] {
  // The first 13 characters of a Broad identifier name the compound, the rest its salt and batch.
  const id = compound?.replace(/^(BRD-[A-Z]\d{8})-.*$/, '$1');
  const parts = [['key', inchiKey?.slice(0, 14)], ['smiles', smiles], ['id', id], ['name', name?.toLowerCase()]] as const;
  return parts.flatMap(([kind, text]) => (text === undefined || text === null || text === '' ? [] : [`${kind}:${text}`]));
}

/** Wells of each compound, ascending by the compound's number. */
export function wellsOfCompounds(of: Int32Array): ReadonlyMap<number, readonly number[]> {
  const wells = new Map<number, number[]>();
  of.forEach((compound, well) => { if (compound >= 0) wells.set(compound, [...(wells.get(compound) ?? []), well]); });
  return new Map([...wells].sort(([a], [b]) => a - b));
}

/** Medians over the wells of each compound: (compounds, features), in the order of `wells`. */
export function consensus({ matrix }: Profiles, wells: ReadonlyMap<number, readonly number[]>): Matrix {
  const { data, cols } = matrix;
  const out = new Float32Array(wells.size * cols);
  [...wells.values()].forEach((rows, at) => {
    const values = new Float64Array(rows.length);
    for (let c = 0; c < cols; c++) {
      rows.forEach((row, i) => { values[i] = data[row * cols + c]!; });
      out[at * cols + c] = median(values);
    }
  });
  return matrixOf(out, cols);
}
