/**
 * A recipe is data: which modalities there are, what encodes them, which objectives pull which of them together, which molecules
 * are seen, and for how long. Training reads nothing else, so a published system is one file here.
 */
import * as z from 'zod';

const jsonObject = z.record(z.string(), z.unknown());

export const towerSchema = z.strictObject({
  /** Prefix of the tower's parameters and name of its ONNX file. */
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  modality: z.string(),
  /** Name of a tower before it, where both are views of the same molecule through one encoder; one file is exported. */
  weightsOf: z.string().optional(),
  /** A tower before it, where this one is its momentum encoder: it follows slowly, is not trained and not exported. */
  momentumOf: z.strictObject({ tower: z.string(), momentum: z.number().min(0).max(1) }).optional(),
  /** Its weights are those of this tower of a trained model, and stay as they are: a teacher. The run names the model. */
  frozenAs: z.string().optional(),
  /** A tower before it that reads the same view: both see the same, not two views of an item. */
  inputsOf: z.string().optional(),
  modalityConfig: jsonObject.default({}),
  encoder: z.string(),
  /** A preset name of the encoder, or its whole configuration. */
  encoderConfig: z.union([z.string(), jsonObject]),
  /** Overrides of single fields of the preset. */
  encoderOverrides: jsonObject.default({}),
  projection: z.strictObject({ layers: z.int().min(1).max(3), hidden: z.int().positive() }),
  /** Options of the training views of this tower (augmentation); read by the modality's native feed. */
  augmentation: jsonObject.default({}),
});

export const lossSchema = z.strictObject({
  objective: z.string(),
  config: jsonObject.default({}),
  /** The towers that it compares: two, or more where the objective takes several views. */
  between: z.tuple([z.string(), z.string()], z.string()),
  weight: z.number().positive().default(1),
});

export const sourceSchema = z.strictObject({
  /** A file of molecules, relative to the data folder: .smi, .csv or .tsv, each also .gz. */
  file: z.string(),
  /** Column that holds the SMILES; absent for .smi. */
  column: z.string().optional(),
  /** At most this many distinct molecules, drawn evenly over the file. */
  limit: z.int().positive().optional(),
  /** Each molecule is visited this many times an epoch. */
  repeat: z.int().positive().default(1),
});

/** Images of a table, for recipes over images alone or over images and the molecules that cells were treated with. */
export const imagesSchema = z.strictObject({
  /** Relative to the data folder, one line an image, with names of columns. */
  table: z.string(),
  /** Its columns: files, relative to the table; what stays together in every split (a plate); classes, over which folds are evened out. */
  file: z.string(),
  group: z.string().optional(),
  class: z.string().optional(),
  /** The column of what cells were treated with, where towers read molecules too: the molecule is group and class then. */
  smiles: z.string().optional(),
  /** The groups are dealt into folds; one of them is left out of training, for probes. */
  folds: z.int().min(2),
  leaveOut: z.int().min(0),
}).refine(({ folds, leaveOut }) => leaveOut < folds, { path: ['leaveOut'], error: 'expected a fold below "folds"' })
  .refine(({ smiles, group, class: label }) => (smiles === undefined ? group !== undefined && label !== undefined : group === undefined && label === undefined), { path: ['smiles'], error: 'expected either "group" and "class" or "smiles"' });

/** Profiles of wells in tables, for recipes over what was measured of treated cells and the molecules they were treated with. */
export const profilesSchema = z.strictObject({
  /** Relative to the data folder. Each is prepared by its own controls; training sees the features that all have. */
  tables: z.array(z.string()).min(1),
  /** What a row is: a well, or the mean of a compound's wells in one table. */
  level: z.enum(['well', 'compound']).default('well'),
  /** Leaves out compounds, table by table, whose wells are no more alike than wells drawn at random: they have nothing to teach. */
  activeOnly: z.boolean().default(false),
  /** Compounds are dealt into folds; one of them is left out of training, for evaluation. */
  folds: z.int().min(2),
  leaveOut: z.int().min(0),
}).refine(({ folds, leaveOut }) => leaveOut < folds, { path: ['leaveOut'], error: 'expected a fold below "folds"' });

/** A column of a table; or of the table in which what stands there is the key of a record: an identifier's SMILES, a target's name. */
const columnSchema = z.union([
  z.string(),
  z.strictObject({
    column: z.string(),
    /** What follows the first of these characters is left off: ranks of sets, species of proteins. */
    until: z.string().optional(),
    in: z.strictObject({ table: z.string(), key: z.string(), value: z.string(), until: z.string().optional() }).optional(),
  }),
]);

/** When a record says active, and when inactive. What is neither is left out. */
const outcomeSchema = z.union([
  /** 1 or 0. */
  z.strictObject({ column: z.string() }),
  /** A number that grows with the activity (pIC50, percent of inhibition). */
  z.strictObject({ column: z.string(), activeFrom: z.number(), inactiveBelow: z.number() }),
  /** A concentration, in the unit of the column: less is more active. */
  z.strictObject({ column: z.string(), activeUpTo: z.number().positive(), inactiveAbove: z.number().positive() }),
]);

export const measurementTableSchema = z.strictObject({
  /** Relative to the data folder; its molecules must stand in one of the recipe's sources. */
  file: z.string(),
  molecule: columnSchema,
  assay: columnSchema,
  outcome: outcomeSchema,
  /** Records whose column says anything else are passed over: another unit, a relation such as ">". */
  only: z.array(z.strictObject({ column: z.string(), is: z.array(z.string()).min(1) })).default([]),
  /** Its assays are targets: other tables' assays that share most of their actives with one are taken for assays of it. */
  isOfTargets: z.boolean().default(false),
  /** How often its assays are drawn, beside those of the other tables. */
  weight: z.number().positive().default(1),
  /**
   * Assays left out, as a share of all by a hash of their names: scores that weigh this encoder are fitted on them, and targets that are
   * new are measured on. Their molecules are left out whatever other assays measured them: what an encoder has seen of a molecule tells of it in any assay.
   */
  leaveOut: z.number().min(0).lt(1).default(0),
});

/** Measured activities, for objectives that need labels: a batch holds some assays, and of each some actives and some inactives. */
export const measurementsSchema = z.strictObject({
  tables: z.array(measurementTableSchema).min(1),
  /** Molecules of one assay in a batch, at most; so many of them active. */
  perAssay: z.int().min(2),
  actives: z.int().min(2),
  /** Tables, relative to the data folder, that the encoder is measured on: none of their molecules is trained on. */
  measuredOn: z.array(z.strictObject({ file: z.string(), molecule: z.string() })).default([]),
});

export type MeasurementTableWish = z.output<typeof measurementTableSchema>;

const trainingSchema = z.strictObject({
  steps: z.int().positive(),
  batchSize: z.int().min(2),
  accumulate: z.int().positive().default(1),
  /** Rows that the encoders see at a time; the loss sees the whole batch, with the same gradient. 0: all at once. */
  chunk: z.int().min(0).default(0),
  learningRate: z.number().positive(),
  warmupSteps: z.int().min(0),
  finalFraction: z.number().min(0).max(1),
  weightDecay: z.number().min(0),
  clipNorm: z.number().min(0),
  precision: z.enum(['f32', 'bf16']),
  validateEvery: z.int().positive(),
  checkpointEvery: z.int().positive(),
  logEvery: z.int().positive(),
  seed: z.int().min(0),
});

/** Which molecules are seen; read by whoever prepares data files. */
const moleculesShape = {
  sources: z.array(sourceSchema).default([]),
  /** Share of the molecules that are also given a counter-ion or solvent beside them; their parent stays the same. */
  counterIonShare: z.number().min(0).max(1).default(0),
  /** Drawings by other programs among the training images, made while data is prepared; only drawing towers see them. */
  pictures: z.strictObject({
    /** So many molecules of the sources are drawn by each program. */
    molecules: z.int().min(0),
    /** An epoch visits each picture so often, scanned anew every time. */
    repeat: z.int().min(1).max(255),
  }).default({ molecules: 0, repeat: 1 }),
  measurements: measurementsSchema.optional(),
  /** Molecules, or images, set aside for validation. */
  validationMolecules: z.int().min(8),
};

export const recipeSchema = z.strictObject({
  id: z.string(),
  summary: z.string(),
  references: z.array(z.string()),
  towers: z.array(towerSchema).min(2),
  /** The tower that embeds libraries; default: the last that reads molecules. */
  gallery: z.string().optional(),
  embeddingDimension: z.int().min(8).max(2048),
  /** The sum of all is minimised. Validation retrieves the second tower of the first by its first. */
  losses: z.array(lossSchema).min(1),
  /** Extra heads: a tower's trunk also predicts a dense 0/1 target, or what it was not shown; `weight` multiplies its loss. */
  auxiliary: z.array(z.strictObject({
    id: z.string(),
    tower: z.string(),
    /** Modality of the target; none for heads that look at what their tower reads. */
    target: z.string().optional(),
    /** Another tower, which reads undamaged what this one reads damaged, for heads that restore it. */
    whole: z.string().optional(),
    targetConfig: jsonObject.default({}),
    /** Of the head itself. */
    config: jsonObject.default({}),
    weight: z.number().positive(),
  })).default([]),
  ...moleculesShape,
  images: imagesSchema.optional(),
  profiles: profilesSchema.optional(),
  /**
   * What is exported in place of the projection, which then serves the losses alone: principal components of the trunk's features, as they
   * differ from those of ordinary molecules, which `background` gives. Only for recipes that export one tower, which reads molecules.
   */
  components: z.strictObject({ background: sourceSchema }).optional(),
  /** Batches of groups of molecules that are alike in what this tower reads (sparse fingerprints): hard negatives. */
  neighbours: z.strictObject({ tower: z.string(), group: z.int().min(2) }).optional(),
  training: trainingSchema,
}).refine(({ sources, images, profiles }) => [sources.length > 0, images !== undefined, profiles !== undefined].filter(Boolean).length === 1, { path: ['sources'], error: 'expected one of "sources" of molecules, "images" and "profiles"' });

/** A reader of drawings: one network, trained on drawings of which every place is known. */
export const readerRecipeSchema = z.strictObject({
  id: z.string(),
  summary: z.string(),
  references: z.array(z.string()),
  reader: z.strictObject({
    id: z.string(),
    /** A preset name of the reader, or its whole configuration. */
    config: z.union([z.string(), jsonObject]),
    overrides: jsonObject.default({}),
  }),
  ...moleculesShape,
  training: trainingSchema,
});

export type ReaderRecipe = z.output<typeof readerRecipeSchema>;
export type Recipe = z.output<typeof recipeSchema>;
export type RecipeTower = z.output<typeof towerSchema>;
export type RecipeSource = z.output<typeof sourceSchema>;

export function defineRecipe(recipe: z.input<typeof recipeSchema>): Recipe {
  return recipeSchema.parse(recipe);
}

export function defineReaderRecipe(recipe: z.input<typeof readerRecipeSchema>): ReaderRecipe {
  return readerRecipeSchema.parse(recipe);
}
