/** Parameter values by name, as a checkpoint holds them. */
export type Weights = ReadonlyMap<string, Float32Array>;
