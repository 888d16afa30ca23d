export { LAYOUT_METHOD, layOut, placeAmong } from './layout.ts';
export type { Layout, LayoutOptions } from './layout.ts';
export { MAP_FILE, decodeMap, encodeMap } from './map-file.ts';
export { neighbourShares } from './quality.ts';
