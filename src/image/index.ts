export { IMAGE_LIMITS, decodeImage } from './decode.ts';
export type { DecodedImage } from './decode.ts';
export type { Canvas, GreyImage } from './define.ts';
export { normaliseDrawing } from './drawing.ts';
export { readDrawing } from './read.ts';
export type { DrawingSize } from './read.ts';
export { contactSheet } from './sheet.ts';
export { IMAGE_FORMATS, sniffImage } from './sniff.ts';
export type { ImageFormat } from './sniff.ts';
