export { BOND_ORDERS, BOND_STEREO, TYPICAL_BOND } from './define.ts';
export type { BondOrder, BondStereo, ReaderClass, ReaderHeads, ReaderMaps, ReaderVocabulary } from './define.ts';
export { DECODE_DEFAULTS, decodeMaps } from './decode/decode.ts';
export type { DecodeOptions } from './decode/decode.ts';
export type { ClassGuess, DrawnAtom, DrawnBond, DrawnGraph } from './decode/drawn.ts';
export { drawnMolfile, medianBond } from './decode/molfile.ts';
export type { DrawnMolfile } from './decode/molfile.ts';
