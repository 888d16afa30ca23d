/** Puts a fragment in the place of a group; stereo of what is kept stays, the fragment brings none. */
import { IsoLensError } from '../../core/index.ts';
import type { Kernel } from '../kernel.ts';
import type { JsonAtom, JsonBond, JsonMolecule, RdkitJson } from '../molecule-graph.ts';
import { smilesOfJson, withTrusted } from '../rdkit.ts';
import { HYDROGEN } from './fragment.ts';
import type { ReplaceableGroup } from './groups.ts';

export interface AssembleRequest {
  /** The parent that the group was found in. */
  readonly smiles: string;
  readonly group: Pick<ReplaceableGroup, 'atoms' | 'points'>;
  /** A fragment whose points are numbered as those of the group. */
  readonly to: string;
}

/** SMILES of the new molecule; coded where valences do not allow it. */
export function assemble(kernel: Kernel, { smiles, group, to }: AssembleRequest): string {
  const json = withTrusted(kernel.rdkit, smiles, (mol) => JSON.parse(mol.get_json()) as RdkitJson);
  const source = json.molecules[0]!;
  const editor = new Editor(source, group);
  const molecule = to === HYDROGEN ? editor.withHydrogen() : editor.withFragment(fragmentJson(kernel, to));
  const assembled = smilesOfJson(kernel.rdkit, JSON.stringify({ ...json, molecules: [molecule] }));
  requireNoNewRadical(kernel, assembled, source);
  return assembled;
}

/** Atoms that lost a bond, or got one too few, show as radicals: no such molecule is proposed. */
function requireNoNewRadical(kernel: Kernel, smiles: string, source: JsonMolecule): void {
  const radicals = ({ atoms }: JsonMolecule): number => atoms.reduce((sum, { nRad = 0 }) => sum + nRad, 0);
  const found = withTrusted(kernel.rdkit, smiles, (mol) => radicals((JSON.parse(mol.get_json()) as RdkitJson).molecules[0]!));
  if (found > radicals(source)) throw new IsoLensError('FRAGMENT_INVALID', `Expected a molecule whose valences are filled but ${smiles.slice(0, 60)} has a radical; the group does not fit there.`);
}

/** Attachment points become isotopes of the dummy atom: map numbers do not survive RDKit's JSON. */
function fragmentJson(kernel: Kernel, fragment: string): JsonMolecule {
  return withTrusted(kernel.rdkit, fragment.replaceAll(/\[\*:(\d)\]/g, '[$1*]'), (mol) => (JSON.parse(mol.get_json()) as RdkitJson).molecules[0]!);
}

/** What stands where the bond from `outside` to `inside` was cut. */
type Replaced = (outside: number, inside: number) => number | undefined;

const TURNED: Readonly<Record<string, string>> = { cw: 'ccw', ccw: 'cw' };

class Editor {
  private readonly source: JsonMolecule;
  private readonly group: AssembleRequest['group'];
  private readonly place = new Map<number, number>();
  private readonly atoms: JsonAtom[] = [];

  constructor(source: JsonMolecule, group: AssembleRequest['group']) {
    this.source = source;
    this.group = group;
    const removed = new Set(group.atoms);
    source.atoms.forEach((atom, a) => {
      if (removed.has(a)) return;
      this.place.set(a, this.atoms.length);
      this.atoms.push({ ...atom });
    });
  }

  withHydrogen(): JsonMolecule {
    const { outside, inside } = this.group.points[0]!;
    const atom = this.atoms[this.place.get(outside)!]!;
    atom.impHs = (atom.impHs ?? 0) + 1;
    // A hydrogen counts as the last neighbour; moving one there by an odd number of exchanges turns the centre around.
    const around = this.source.bonds.filter(({ atoms }) => atoms.includes(outside));
    const moves = around.length - 1 - around.findIndex(({ atoms }) => atoms.includes(inside));
    if (moves % 2 === 1 && atom.stereo !== undefined) atom.stereo = TURNED[atom.stereo] ?? atom.stereo;
    return { atoms: this.atoms, bonds: this.keptBonds(() => undefined) };
  }

  withFragment(fragment: JsonMolecule): JsonMolecule {
    const points = new Map<number, number>();
    const own = new Map<number, number>();
    fragment.atoms.forEach((atom, a) => {
      if (atom.z === 0) points.set(a, atom.isotope! - 1);
      else {
        own.set(a, this.atoms.length);
        this.atoms.push(atom);
      }
    });
    const attached = new Array<number>(this.group.points.length);
    const inner: JsonBond[] = [];
    for (const bond of fragment.bonds) {
      const [a, b] = bond.atoms;
      if (points.has(a)) attached[points.get(a)!] = own.get(b)!;
      else if (points.has(b)) attached[points.get(b)!] = own.get(a)!;
      else inner.push({ bo: bond.bo ?? 1, atoms: [own.get(a)!, own.get(b)!] });
    }
    if (attached.filter((atom) => atom !== undefined).length !== this.group.points.length) {
      throw new IsoLensError('FRAGMENT_INVALID', `Expected a fragment with ${this.group.points.length} attachment points.`);
    }
    // The new bond stands where the cut one stood: the order of bonds is what chirality refers to.
    const replaced: Replaced = (outside, inside) => {
      const point = this.group.points.findIndex((one) => one.outside === outside && one.inside === inside);
      return point < 0 ? undefined : attached[point];
    };
    return { atoms: this.atoms, bonds: [...this.keptBonds(replaced), ...inner] };
  }

  private keptBonds(replaced: Replaced): JsonBond[] {
    return this.source.bonds.flatMap((bond) => {
      const [a, b] = bond.atoms;
      const [begin, end] = [this.place.get(a) ?? replaced(b, a), this.place.get(b) ?? replaced(a, b)];
      if (begin === undefined || end === undefined || (!this.place.has(a) && !this.place.has(b))) return [];
      return [{ bo: bond.bo ?? 1, atoms: [begin, end], ...this.doubleBondStereo(bond, replaced) }];
    });
  }

  /** E and Z are told by a neighbour of each end, which may have been replaced; told by a hydrogen they would turn, and are left open. */
  private doubleBondStereo({ atoms, stereo, stereoAtoms }: JsonBond, replaced: Replaced): Partial<JsonBond> {
    if (stereo === undefined || stereoAtoms === undefined) return {};
    const moved = stereoAtoms.map((atom, end) => this.place.get(atom) ?? replaced(atoms[end]!, atom));
    return moved.every((atom) => atom !== undefined) ? { stereo, stereoAtoms: moved } : {};
  }
}
