export { BOND_ORDERS, BOND_STEREO, TYPICAL_BOND } from './define.ts';
export type { BondOrder, BondStereo, ReaderClass, ReaderHeads, ReaderMaps, ReaderVocabulary } from './define.ts';
