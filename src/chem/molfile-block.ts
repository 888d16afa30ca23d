/** The lines of a molfile as atoms, bonds and labels, for both versions: enough to name what is no molecule, and to expand labels. */

export interface BlockAtom {
  readonly line: number;
  /** Its number in the file. */
  readonly id: string;
  readonly symbol: string;
  readonly x: number;
  readonly y: number;
  /** A number of hydrogens demanded of the atom: a query. */
  readonly isQuery: boolean;
}

export interface BlockBond {
  readonly from: string;
  readonly to: string;
  readonly order: number;
  /** Ring or chain demanded of the bond: a query. */
  readonly isQuery: boolean;
  readonly isWedge: boolean;
}

export interface MolBlock {
  readonly version: 2000 | 3000;
  readonly lines: string[];
  readonly atoms: readonly BlockAtom[];
  readonly bonds: readonly BlockBond[];
  /** Texts drawn in the place of an atom, by its number: aliases, and abbreviations of one atom. */
  readonly labels: ReadonlyMap<string, string>;
  /** Undefined where the file does not say. */
  readonly chiralFlag: boolean | undefined;
  /** Where lines of further atoms and bonds belong. */
  readonly atomsEnd: number;
  readonly bondsEnd: number;
}

/** Reads a molfile up to `M  END`; undefined where it has no counts line. Lines that do not fit are left to RDKit. */
export function readBlock(body: string): MolBlock | undefined {
  return /^M {2}V30 COUNTS /m.test(body) ? readV3000(body) : readV2000(body);
}

function readV2000(body: string): MolBlock | undefined {
  const lines = body.split('\n');
  const counts = lines[3] ?? '';
  const [atomCount, bondCount] = [numberAt(counts, 0), numberAt(counts, 3)];
  if (!Number.isInteger(atomCount)) return undefined;
  const atoms: BlockAtom[] = [];
  const atomsEnd = Math.min(lines.length, 4 + atomCount);
  for (let i = 4; i < atomsEnd; i++) {
    const match = /^(.{10})(.{10}).{10} ?(\S+)/.exec(lines[i]!) ?? /^\s*(\S+)\s+(\S+)\s+\S+\s+(\S+)/.exec(lines[i]!);
    if (match === null) continue;
    const isQuery = (numberAt(lines[i]!, 42) || 0) > 0;
    atoms.push({ line: i, id: String(i - 3), symbol: match[3]!, x: Number(match[1]), y: Number(match[2]), isQuery });
  }
  const bonds: BlockBond[] = [];
  const bondsEnd = Math.min(lines.length, atomsEnd + (Number.isInteger(bondCount) ? bondCount : 0));
  for (const line of lines.slice(atomsEnd, bondsEnd)) {
    bonds.push({
      from: String(numberAt(line, 0)), to: String(numberAt(line, 3)), order: numberAt(line, 6), isQuery: (numberAt(line, 15) || 0) !== 0,
      isWedge: [1, 6].includes(numberAt(line, 9)),
    });
  }
  const flag = numberAt(counts, 12);
  const labels = labelsOfV2000(lines.slice(bondsEnd));
  return { version: 2000, lines, atoms, bonds, labels, chiralFlag: Number.isInteger(flag) ? flag === 1 : undefined, atomsEnd, bondsEnd };
}

function numberAt(line: string, column: number): number {
  return Number.parseInt(line.slice(column, column + 3), 10);
}

function labelsOfV2000(lines: readonly string[]): Map<string, string> {
  const labels = new Map<string, string>();
  const members = new Map<string, string[]>();
  const names = new Map<string, string>();
  const superatoms = new Set<string>();
  lines.forEach((line, i) => {
    const alias = /^A {1,3} *(\d+)\s*$/.exec(line);
    if (alias !== null && (lines[i + 1] ?? '').trim() !== '') labels.set(alias[1]!, lines[i + 1]!.trim());
    for (const [, group] of line.startsWith('M  STY') ? line.slice(9).matchAll(/(\d+) +SUP/g) : []) superatoms.add(group!);
    const atoms = /^M {2}SAL +(\d+) *\d+((?: +\d+)+)/.exec(line);
    if (atoms !== null) members.set(atoms[1]!, [...(members.get(atoms[1]!) ?? []), ...atoms[2]!.trim().split(/ +/)]);
    const name = /^M {2}SMT +(\d+) (.+)$/.exec(line);
    if (name !== null) names.set(name[1]!, name[2]!.trim());
  });
  for (const group of superatoms) {
    const atoms = members.get(group);
    const name = names.get(group);
    if (atoms?.length === 1 && name !== undefined) labels.set(atoms[0]!, name);
  }
  return labels;
}

function readV3000(body: string): MolBlock | undefined {
  const lines = body.replaceAll(/-\nM {2}V30 /g, '').split('\n');
  const counts = lines.find((line) => line.startsWith('M  V30 COUNTS '))!.split(/\s+/);
  const atomsEnd = lines.findIndex((line) => /^M {2}V30 END ATOM/.test(line));
  const bondsEnd = lines.findIndex((line) => /^M {2}V30 END BOND/.test(line));
  const atoms: BlockAtom[] = [];
  const bonds: BlockBond[] = [];
  const labels = new Map<string, string>();
  let section = '';
  lines.forEach((line, i) => {
    const text = /^M {2}V30 (.*)$/.exec(line)?.[1]?.trim();
    if (text === undefined) return;
    const mark = /^(BEGIN|END) (\w+)/.exec(text);
    if (mark !== null) section = mark[1] === 'BEGIN' ? mark[2]! : '';
    else if (section === 'ATOM') {
      const match = /^(\d+) +("[^"]*"|(?:NOT ?)?\[[^\]]*\]|\S+) +(\S+) +(\S+) +\S+ +\S+(.*)$/.exec(text);
      if (match === null) return;
      const [, id, symbol, x, y, rest] = match;
      atoms.push({ line: i, id: id!, symbol: symbol!.replaceAll('"', ''), x: Number(x), y: Number(y), isQuery: /HCOUNT=(?!0)/.test(rest!) });
    } else if (section === 'BOND') {
      const match = /^\d+ +(\d+) +(\d+) +(\d+)(.*)$/.exec(text);
      if (match === null) return;
      const [, order, from, to, rest] = match;
      bonds.push({ from: from!, to: to!, order: Number(order), isQuery: /TOPO=[12]/.test(rest!), isWedge: /CFG=[13]/.test(rest!) });
    } else if (section === 'SGROUP') {
      const match = /^\d+ SUP .*ATOMS=\(1 (\d+)\).*LABEL=("[^"]*"|\S+)/.exec(text);
      if (match !== null) labels.set(match[1]!, match[2]!.replaceAll('"', ''));
    }
  });
  return {
    version: 3000, lines, atoms, bonds, labels, chiralFlag: counts[7] === undefined ? undefined : counts[7] === '1',
    atomsEnd: atomsEnd < 0 ? lines.length : atomsEnd, bondsEnd,
  };
}

export interface AddedAtom {
  readonly symbol: string;
  readonly x: number;
  readonly y: number;
}

/** The text of the block with some symbols replaced, and atoms and bonds added; ids of added atoms follow on from the highest one. */
export function writeBlock(
  block: MolBlock, replaced: ReadonlyMap<string, string>, added: readonly AddedAtom[],
  bonds: readonly (readonly [from: string, to: string, order: number])[],
): string {
  const lines = [...block.lines];
  for (const atom of block.atoms) {
    const symbol = replaced.get(atom.id);
    if (symbol !== undefined) lines[atom.line] = atomLine(block.version, atom.id, { ...atom, symbol });
  }
  const first = nextId(block);
  const atomLines = added.map((atom, i) => atomLine(block.version, String(first + i), atom));
  const [atomCount, bondCount] = [block.atoms.length + added.length, block.bonds.length + bonds.length];
  const bondLines = bonds.map(([from, to, order], i) => (
    block.version === 2000
      ? `${from.padStart(3)}${to.padStart(3)}${String(order).padStart(3)}  0`
      : `M  V30 ${block.bonds.length + i + 1} ${order} ${from} ${to}`
  ));
  if (block.bondsEnd >= 0) lines.splice(block.bondsEnd, 0, ...bondLines);
  else lines.splice(block.atomsEnd + 1, 0, 'M  V30 BEGIN BOND', ...bondLines, 'M  V30 END BOND');
  lines.splice(block.atomsEnd, 0, ...atomLines);
  const at = block.version === 2000 ? 3 : lines.findIndex((line) => line.startsWith('M  V30 COUNTS '));
  lines[at] = block.version === 2000
    ? `${String(atomCount).padStart(3)}${String(bondCount).padStart(3)}${lines[at]!.slice(6)}`
    : lines[at]!.replace(/COUNTS \d+ \d+/, `COUNTS ${atomCount} ${bondCount}`);
  return lines.join('\n');
}

export function nextId(block: MolBlock): number {
  return Math.max(0, ...block.atoms.map(({ id }) => Number(id))) + 1;
}

function atomLine(version: 2000 | 3000, id: string, { symbol, x, y }: AddedAtom): string {
  if (version === 3000) return `M  V30 ${id} ${symbol} ${x.toFixed(4)} ${y.toFixed(4)} 0 0`;
  return `${x.toFixed(4).padStart(10)}${y.toFixed(4).padStart(10)}    0.0000 ${symbol.padEnd(3)} 0  0  0  0  0  0  0  0  0  0  0  0`;
}
