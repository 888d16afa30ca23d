/**
 * Who may import whom. One row a folder of src; `types` may be imported with `import type` alone. Rows stand from the
 * bottom up: a folder names only folders above its own row, so the whole is free of cycles.
 */
export interface Layer {
  readonly imports: readonly string[];
  readonly types?: readonly string[];
}

export const LAYERS: Readonly<Record<string, Layer>> = {
  core: { imports: [] },

  graph: { imports: ['core'] },
  // The engine reads the graph's JSON, not its builder.
  native: { imports: ['core'], types: ['graph'] },
  // What is counted over a molecule's graph is counted natively where the engine is built.
  chem: { imports: ['core', 'native'] },
  image: { imports: ['core'] },
  store: { imports: ['core'] },
  // Graphs of neighbours are built natively where the engine is built.
  ann: { imports: ['core', 'native'] },

  objectives: { imports: ['core', 'graph'] },
  encoders: { imports: ['core', 'graph'] },
  // Towers under objectives are one training graph.
  model: { imports: ['core', 'graph', 'objectives', 'encoders'] },
  inference: { imports: ['core'] },
  // A modality says which tensors it makes: the shapes of the encoder's inputs and of the model's are types.
  modalities: { imports: ['core', 'chem', 'image'], types: ['encoders', 'inference'] },
  // Where each molecule lies on a map.
  layout: { imports: ['core', 'ann'] },
  // Its files are mapped natively where the engine is built.
  bundle: { imports: ['core', 'native', 'ann', 'store'] },
  // What a reader sees in a picture, and the molecule it is; networks that see it.
  reading: { imports: ['core', 'image', 'inference', 'bundle'] },
  readers: { imports: ['core', 'graph', 'reading'] },
  score: { imports: ['core', 'chem'] },

  // Mining and its table; the molecules it compares are cut by the chemistry workers.
  replacements: { imports: ['core', 'chem'] },

  api: { imports: ['core'] },
  // Runs in browsers: of everything else it needs types alone.
  client: { imports: [], types: ['api'] },
  recipes: { imports: [] },
  // Scans over the library run natively where that is built.
  search: { imports: ['core', 'chem', 'ann', 'native', 'layout', 'bundle', 'score', 'inference', 'modalities', 'reading'], types: ['store'] },
  // Bundles in a database; what its rows hold of a molecule is what the columns of a library hold, and they answer as those do.
  postgres: { imports: ['core', 'chem', 'ann', 'store', 'bundle', 'score', 'search'] },
  ingest: { imports: ['core', 'chem', 'ann', 'store', 'layout', 'bundle', 'score', 'inference', 'modalities', 'reading'] },
  train: { imports: ['core', 'chem', 'image', 'graph', 'native', 'reading', 'readers', 'encoders', 'model', 'modalities', 'bundle', 'recipes', 'ingest'] },
  // What training would take, counted from the graph; a few steps are trained to measure.
  plan: { imports: ['core', 'graph', 'native', 'recipes', 'train'], types: ['chem'] },
  // Embeddings come in as functions: the protocols know no bundle and no engine.
  evaluate: { imports: ['core', 'chem', 'score', 'ingest'] },

  // Where jobs are kept is a type: the store itself comes in from the command line.
  server: { imports: ['core', 'api'], types: ['store'] },
  cli: {
    imports: ['core', 'chem', 'image', 'ann', 'store', 'bundle', 'inference', 'modalities', 'encoders', 'model', 'objectives', 'reading', 'readers', 'native', 'api', 'recipes', 'replacements', 'score', 'search', 'ingest', 'train', 'plan', 'evaluate', 'server', 'postgres'],
  },
};

/** Folders of src/native; `core/thread_pool.h` names one header where the rest of the folder is not to be known. */
export const NATIVE_LAYERS: Readonly<Record<string, readonly string[]>> = {
  // Kernels know threads and chance, no graph.
  kernels: ['core/thread_pool.h', 'core/rng.h'],
  core: ['kernels/kernels.h'],
  // Beside each operator stands its twin for devices.
  ops: ['core', 'kernels', 'cuda'],
  optim: ['core', 'kernels', 'cuda'],
  drawing: ['core'],
  chem: ['core'],
  feeds: ['core', 'drawing'],
  // Graphs of neighbours: threads, chance and errors as values.
  ann: ['core'],
  // Scans over the columns of a library.
  scan: [],
  train: ['core', 'kernels', 'optim', 'feeds', 'cuda'],
  // Devices: the library is the only one that knows CUDA; the engine sees its interface, and loads it.
  cuda: ['core', 'kernels', 'ops', 'optim'],
  // The two front ends.
  addon: ['core', 'kernels', 'chem', 'scan', 'ann', 'feeds', 'drawing', 'train', 'cuda'],
  standalone: ['core', 'kernels', 'ops', 'feeds', 'drawing', 'train', 'cuda'],
};

/** One vendor, one folder: replacing a library is one folder's diff. zod is the one word for shapes everywhere. */
export const VENDORS: Readonly<Record<string, string>> = {
  '@rdkit/rdkit': 'chem',
  'better-sqlite3': 'store',
  commander: 'cli',
  compression: 'server',
  'csv-parse': 'ingest',
  express: 'server',
  'express-rate-limit': 'server',
  helmet: 'server',
  'hnswlib-node': 'ann',
  hyparquet: 'ingest',
  'hyparquet-compressors': 'ingest',
  multer: 'server',
  'node-addon-api': 'native',
  'node-api-headers': 'native',
  'onnxruntime-node': 'inference',
  pg: 'postgres',
  'pg-copy-streams': 'postgres',
  'prom-client': 'server',
  protobufjs: 'graph/onnx',
  openchemlib: 'chem',
  sharp: 'image',
};
/** What the page is built with: bundled into its files, and in no folder of src. */
export const PAGE_VENDORS: readonly string[] = ['preact', '@preact/signals', '@tanstack/virtual-core', 'openchemlib'];
export const SHARED_VENDORS: readonly string[] = ['zod'];
