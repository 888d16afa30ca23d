/** Tensors as they go to and come from a model: row-major data and its shape. */
export interface F32Tensor {
  readonly dtype: 'f32';
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface I32Tensor {
  readonly dtype: 'i32';
  readonly data: Int32Array;
  readonly shape: readonly number[];
}

export type NamedTensors = Readonly<Record<string, F32Tensor | I32Tensor>>;

export interface ModelFile {
  /** Name under which `run` knows it. */
  readonly name: string;
  readonly path: string;
}
