/**
 * What a reader of drawings sees: a dense network says for every cell of a picture whether an atom or the middle of a bond
 * lies in it, and which. `decode` makes a molecular graph of that.
 */

/** What can stand at an atom's place: an element, or a group written as text. */
export interface ReaderClass {
  /** As drawn: "C", "Cl", "CO2Me". */
  readonly label: string;
  /** Atomic number of the atom itself; of a group, that of the atom by which it is bonded; 0: an attachment point or R group. */
  readonly element: number;
  /** Mass number where the class is an isotope (D). */
  readonly isotope?: number;
  /** Of a group: its SMILES, begun with the attachment point: "*C(=O)OC". */
  readonly smiles?: string;
}

export interface ReaderVocabulary {
  readonly classes: readonly ReaderClass[];
  /** Formal charges, in the order of the charge head. */
  readonly charges: readonly number[];
}

/** Order of the classes of the `order` head; readers may have the first three alone. */
export const BOND_ORDERS = ['single', 'double', 'triple', 'aromatic'] as const;
export type BondOrder = (typeof BOND_ORDERS)[number];

/** Order of the classes of the `stereo` head. */
export const BOND_STEREO = ['none', 'wedge', 'hash', 'wavy'] as const;
export type BondStereo = (typeof BOND_STEREO)[number];

/** Channels of each head; C: number of classes, Q: number of charges. Lengths are in pixels of the network's picture. */
export interface ReaderHeads {
  /** (1) Logit: an atom's place lies in this cell. */
  readonly atom: Float32Array;
  /** (C) Logits of its class. */
  readonly element: Float32Array;
  /** (Q) Logits of its charge. */
  readonly charge: Float32Array;
  /** (2) x, y of the place from the middle of the cell, in cells. */
  readonly atomOffset: Float32Array;
  /** (1) Logit: the middle of a bond lies in this cell. */
  readonly bond: Float32Array;
  /** (3 or 4) Logits of `BOND_ORDERS`. */
  readonly order: Float32Array;
  /** (3) cos 2t, sin 2t of the bond's direction t, and its length over the typical bond length. */
  readonly axis: Float32Array;
  /** (2) As `atomOffset`, of the bond's middle. */
  readonly bondOffset: Float32Array;
  /** (4) Logits of `BOND_STEREO`. */
  readonly stereo?: Float32Array;
  /** (2) Unit vector from the narrow end of a wedge or hash to its wide end. */
  readonly narrow?: Float32Array;
}

export interface ReaderMaps {
  /** Of the maps, in cells. */
  readonly height: number;
  readonly width: number;
  /** Pixels of a cell. */
  readonly stride: number;
  /** Each (channels, height, width). */
  readonly heads: ReaderHeads;
}

/** Bond length, in pixels, at which a reader sees best. */
export const TYPICAL_BOND = 16;
