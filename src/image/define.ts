/** 8-bit grey, 0 = black ... 255 = white: data (rows, columns). */
export interface GreyImage {
  readonly data: Uint8Array;
  readonly rows: number;
  readonly columns: number;
}

/** A picture of a structure as the drawing encoder reads it: data (height, width), 0 = paper, 1 = full ink. */
export interface Canvas {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
}
