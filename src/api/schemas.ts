/**
 * The one source of HTTP types: the server validates with these schemas, the OpenAPI document is generated from them and the
 * page imports their types. JSON is camelCase; unknown keys are refused.
 */
import * as z from 'zod';
import { embeddingSchema } from './embeddings.ts';

export const MAX_K = 10_000;
/** Characters of a query text; SMILES have their own limit, which is told in chemists' words. */
const MAX_TEXT = 20_000;
const MAX_LIST = 10_000;
const MAX_PATTERNS = 16;
const MAX_AMONG = 1000;

/** A query as a person types it. */
export const textSchema = z.string().max(MAX_TEXT);

const flag = z.union([z.boolean(), z.stringbool()]);
/** A list; in an address, where a single value is no list, one or several. */
const texts = z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.string().min(1).max(MAX_TEXT)).max(MAX_LIST));

export const searchOptionsSchema = z.strictObject({
  k: z.coerce.number().int().min(1).max(MAX_K).default(20).meta({ description: 'How many candidates to return.' }),
  index: z.string().min(1).optional().meta({ description: 'Name of the bundle to search; the first one where absent.' }),
  minScore: z.coerce.number().min(-1).max(1).optional().meta({ description: 'Leave out candidates whose score is below this.' }),
  from: z.string().min(1).max(64).optional().meta({ description: 'Modality by which the query is read, as /v1/capabilities lists them; where absent, the one that the bundle was made with, or the picture\'s. Between another pair of modalities, hits are ranked by the cosine alone.' }),
  to: z.string().min(1).max(64).optional().meta({ description: 'Modality whose vectors of the molecules the query is compared with; the bundle must hold them. Where absent, the one that the bundle was made with.' }),
  mode: z.enum(['default', 'hop', 'replace', 'similarity', 'tanimoto']).optional().meta({ description: 'default: ranked by the bioisostere score. hop: another scaffold, the same pharmacophore. replace: the same core, one group changed. similarity: ranked by the cosine alone; of pictures, by the reading and the cosine together. tanimoto: ranked by the Tanimoto similarity of ECFP4 (2,048 bits) alone, compared with every molecule; with minScore, all that are at least as alike.' }),
  reasons: z.enum(['none', 'top', 'all']).optional().meta({ description: 'Of which candidates to say what is kept and what changes: none, the first 10 (top), or all; all where absent. The ranking is the same.' }),
  properties: texts.optional().meta({ description: 'Windows such as mw<=450, tpsa=40..90 or logp~1 (within 1 of the query); over mw, logp, tpsa, hbd, hba, rotb, rings, arom, fsp3, heavy, stereo, charge.', examples: [['mw<=450', 'logp~1']] }),
  require: texts.pipe(z.array(z.string()).max(MAX_PATTERNS)).optional().meta({ description: 'SMARTS, or names of groups as /v1/capabilities lists them, that a candidate must hold.' }),
  forbid: texts.pipe(z.array(z.string()).max(MAX_PATTERNS)).optional().meta({ description: 'The same, of what a candidate must not hold.', examples: [['sulfonamide', 'C#N']] }),
  maxTanimoto: z.coerce.number().min(0).max(1).optional().meta({ description: 'Largest ECFP4 Tanimoto to the query.' }),
  differentScaffold: flag.optional().meta({ description: 'Only Murcko scaffolds other than the query\'s.' }),
  scaffoldDistance: z.coerce.number().min(0).max(1).optional().meta({ description: 'Only scaffolds that differ from the query\'s by at least this share of both in shape: rings and the chains between them, whatever their atoms and bonds. Where absent, 0.3 in the mode hop: another atom in a ring, or another ring on the old scaffold, is no hop.' }),
  onePerScaffold: flag.optional().meta({ description: 'Only the best of each Murcko scaffold.' }),
  noAlerts: flag.optional().meta({ description: 'Only candidates without structural alerts.' }),
  diversity: z.coerce.number().min(0).max(1).optional().meta({ description: '0 ranks by the score alone; towards 1, candidates are ever more unlike those before them.' }),
  among: texts.pipe(z.array(z.string()).max(MAX_AMONG)).optional().meta({ description: 'Identifiers: only these molecules are ranked.' }),
  exclude: texts.optional().meta({ description: 'Identifiers, names, InChIKeys or SMILES of molecules not to show.' }),
  exact: flag.default(false).meta({ description: 'Compare with every vector instead of using the HNSW graph.' }),
  excludeSelf: flag.default(false).meta({ description: 'Leave out the query molecule itself.' }),
  efSearch: z.coerce.number().int().min(1).max(10_000).optional().meta({ description: 'Breadth of the HNSW search: larger is slower and finds more.' }),
}).meta({ id: 'SearchOptions' });

export const imageOptionsSchema = searchOptionsSchema.extend({
  via: z.enum(['both', 'reading', 'embedding']).optional().meta({ description: 'both: finds the drawn molecule, by what is read and by the picture as a whole. reading: what is read is searched as if its SMILES were given, with score, reasons and modes. embedding: by the picture as a whole alone. Where absent, both; with a mode other than similarity, reading.' }),
}).meta({ id: 'ImageSearchOptions' });

export const cellsOptionsSchema = searchOptionsSchema.meta({ id: 'CellsSearchOptions' });

export const profileOptionsSchema = searchOptionsSchema.extend({
  perturbation: z.string().min(1).max(MAX_TEXT).optional().meta({ description: 'Which perturbation of the table, by identifier, name, SMILES, InChIKey or well; its wells are averaged. It may be left out where the table holds one alone.' }),
}).meta({ id: 'ProfileSearchOptions' });

export const searchQuerySchema = z.union([
  z.strictObject({ smiles: z.string().meta({ description: 'A molecule as SMILES, at most 1,000 characters.', examples: ['CC(=O)Oc1ccccc1C(=O)O'] }) }),
  z.strictObject({ id: z.string().min(1).max(MAX_TEXT).meta({ description: 'Identifier of a molecule in the library.' }) }),
  z.strictObject({ text: textSchema.meta({ description: 'An identifier, a name, an InChIKey or a SMILES, whichever it is.', examples: ['aspirin'] }) }),
  z.strictObject({ embedding: embeddingSchema.meta({ description: 'An embedding as /v1/embeddings gives them, or a mean of several; hits are ranked by the cosine alone.' }) }),
], { error: 'Expected an object with exactly one of "smiles", "id" and "text", a text each, or "embedding", a list of numbers' }).meta({ id: 'SearchQuery' });

export const searchRequestSchema = z.strictObject({ query: searchQuerySchema, ...searchOptionsSchema.shape }).meta({ id: 'SearchRequest' });

const number = (description: string): object => ({ type: 'number', description });

/** Names and units stand in the document; a later version may send more of them. */
export const descriptorsSchema = z.record(z.string(), z.number()).meta({
  id: 'Descriptors',
  description: 'The numbers by which molecules are compared, by name.',
  properties: {
    molecularWeight: number('Average molecular weight, g/mol.'),
    logP: number('Logarithm of the octanol-water partition coefficient, by Crippen.'),
    tpsa: number('Topological polar surface area by Ertl, square Angstrom.'),
    hBondDonors: number('Hydrogen bond donors.'),
    hBondAcceptors: number('Hydrogen bond acceptors.'),
    rotatableBonds: number('Rotatable bonds.'),
    rings: number('Rings.'),
    aromaticRings: number('Aromatic rings.'),
    fractionCsp3: number('Share of carbon atoms that are sp3, 0 to 1.'),
    heavyAtoms: number('Atoms other than hydrogen.'),
    stereoCentres: number('Stereocentres at atoms, defined or not.'),
    charge: number('Formal charge of the parent.'),
  },
});

export const alertSchema = z.strictObject({
  name: z.string().meta({ description: 'The group that is warned of.' }),
  source: z.string().meta({ description: 'The paper that names it.' }),
}).meta({ id: 'Alert' });

const propertyValues = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/** What a molecule or a group is in water at pH 7.4. */
export const ionisationSchema = z.enum(['neutral', 'acid', 'base', 'zwitterion']);

export const reasonSchema = z.strictObject({
  kept: z.strictObject({ queryAtoms: z.array(z.int()), atoms: z.array(z.int()) }).nullable().meta({ description: 'Largest common part: queryAtoms[i] of the query\'s SMILES and atoms[i] of the candidate\'s are the same place. null where they were not compared or share too little.' }),
  lost: z.array(z.int()).meta({ description: 'Atoms of the query that the candidate lacks.' }),
  added: z.array(z.int()).meta({ description: 'Atoms of the candidate that the query lacks.' }),
  changes: z.array(z.strictObject({
    kind: z.enum(['group', 'ring', 'fused-ring']),
    from: z.string(),
    to: z.string(),
    text: z.string().meta({ description: 'In words: "benzene C-H -> pyridine N".' }),
    names: z.strictObject({ from: z.string(), to: z.string() }).nullable().meta({ description: 'Of groups: what chemists call them ("carboxylic acid"), or their formula. null for rings, which `text` names.' }),
  })).meta({ description: 'Group by group and ring by ring, as SMILES: a group has * where it hangs, numbered where that is in several places.' }),
  ionisation: z.strictObject({ from: ionisationSchema, to: ionisationSchema }).nullable().meta({ description: 'What query and candidate are in water at pH 7.4; null where they were not compared.' }),
  scaffoldDistance: z.number().nullable().meta({ description: 'Share of both scaffolds that is not shared by their shape, 0 to 1: 0 for the same rings and chains, whatever their atoms; 1 where nothing is shared. null outside of the mode hop, unless scaffoldDistance is asked for.' }),
  propertyChanges: descriptorsSchema.meta({ description: 'Candidate minus query, for each descriptor.' }),
  evidence: z.strictObject({
    value: z.number().meta({ description: 'The term "replacement" of the score: log-odds of expectedKept minus the usual log-odds; below 0 the evidence is against it.' }),
    text: z.string(),
    from: z.string(),
    to: z.string(),
    pairs: z.int().meta({ description: 'Matched pairs that differ by this replacement alone.' }),
    assays: z.int(),
    kept: z.int().meta({ description: 'Pairs whose activity changed by less than 0.5 log units.' }),
    expectedKept: z.number().meta({ description: 'Expected share that keeps its activity in these surroundings.' }),
    deltaLogP: z.number(),
    deltaTpsa: z.number(),
    environment: z.strictObject({ radius: z.int(), pairs: z.int(), kept: z.int() }).meta({ description: 'The widest matching surroundings in which it was seen, in bonds from the cuts; -1: in none of these.' }),
  }).nullable().meta({ description: 'What measured activities say of the change, where a single replacement leads from the query to it and is known.' }),
  text: z.string().meta({ description: 'The same in words.' }),
}).meta({ id: 'Reason' });

export const termSchema = z.strictObject({
  id: z.string(),
  raw: z.number().meta({ description: 'As a chemist knows it: a similarity, or 0 and 1.' }),
  value: z.number().meta({
    description: 'What enters the sum: of a similarity -log10 of the share of random pairs that are at least as alike.',
  }),
  weight: z.number(),
  contribution: z.number().meta({ description: 'Weight times value; with the intercept, these add up to the log-odds of the score.' }),
}).meta({ id: 'ScoreTerm' });

/** One sentence for document, page and README. */
export const SCORE_MEANING = 'Score (0 to 1): in a mix of 1 pair of actives of one assay to about 10 other pairs, the share of pairs with this score that act alike; among the molecules of a library it is far smaller.';

export const hitSchema = z.strictObject({
  id: z.string(),
  smiles: z.string().meta({ description: 'Canonical SMILES of the standardised parent.' }),
  names: z.array(z.string()),
  inchiKey: z.string(),
  isQuery: z.boolean().meta({ description: 'The compound that was asked about (same InChIKey); it always comes first, unless "from" and "to" name different modalities.' }),
  score: z.number().meta({ description: `What hits are ranked by. ${SCORE_MEANING} In the mode "similarity" it is the cosine, in the mode "tanimoto" the Tanimoto similarity.` }),
  cosine: z.number().meta({ description: 'Cosine of the embeddings, -1 to 1.' }),
  percentile: z.number().nullable().meta({ description: 'Share of random pairs of the library whose cosine is less, in percent: 99.9 means closer than 99.9 % of pairs. Null for a picture.' }),
  reading: z.number().nullable().meta({ description: 'Of a picture: likeness of what was read to this molecule, by counts of short paths, 0 to 1; null elsewhere.' }),
  tanimoto: z.number().nullable().meta({ description: 'ECFP4 Tanimoto similarity to the query molecule; null for an image query.' }),
  sameScaffold: z.boolean().nullable().meta({ description: 'Whether Murcko scaffolds agree; null for an image query.' }),
  terms: z.array(termSchema).meta({ description: 'The terms of the score; empty in the modes "similarity" and "tanimoto".' }),
  reason: reasonSchema.nullable().meta({ description: 'Why it is there; null for a picture.' }),
  descriptors: descriptorsSchema,
  alerts: z.array(alertSchema).meta({ description: 'Structural alerts, each with the paper that names the group.' }),
  properties: propertyValues.meta({ description: 'Columns that came with the library (target, indication, ...).' }),
}).meta({ id: 'Hit' });

export const searchResponseSchema = z.strictObject({
  query: z.strictObject({
    kind: z.string(),
    smiles: z.string().nullable().meta({ description: 'What was searched: the standardised parent.' }),
    input: z.string().nullable(),
    inchiKey: z.string().nullable(),
    removed: z.array(z.string()).meta({ description: 'Salts and solvents that were set aside.' }),
    warnings: z.array(z.string()),
    held: z.strictObject({ id: z.string(), names: z.array(z.string()) }).nullable().meta({ description: 'What the library calls the molecule; null where it does not hold it, and for a picture.' }),
    descriptors: descriptorsSchema.nullable().meta({ description: 'Of the molecule; null for a picture, and where the library has no score.' }),
    applicability: z.strictObject({
      atoms: z.int().meta({ description: 'Heavy atoms.' }),
      known: z.int().meta({ description: 'Of these, atoms whose surroundings (two bonds) stand in at least five molecules that the model learned from.' }),
      isFar: z.boolean().meta({ description: 'Whether the share of known atoms is less than in 95 % of new molecules of the kind that was learned from: a score may then mean little.' }),
      nearest: z.strictObject({ lower: z.number(), median: z.number(), upper: z.number() }).meta({ description: 'ECFP4 Tanimoto of new molecules with such a share to the nearest that was learned from: quartiles.' }),
    }).nullable().meta({ description: 'Of a molecule: how much of it the model has met; null where that was not counted.' }),
    chance: z.number().nullable().meta({ description: 'Of a picture: the chance that the nearest molecule of the library is the drawn one, 0 to 1, where half of all drawn molecules are in the library. Null for a molecule, and where it was not fitted.' }),
    reading: z.strictObject({
      smiles: z.string().nullable().meta({ description: 'The standardised parent; null where what was read is no molecule.' }),
      inchiKey: z.string().nullable(),
      molfile: z.string().meta({ description: 'In the picture\'s own layout.' }),
      confidence: z.number().meta({ description: 'Chance that this is the drawn molecule, stereo aside: 0 to 1.' }),
    }).nullable().meta({ description: 'What was read of a picture; null for a molecule, and where nothing was.' }),
  }),
  index: z.strictObject({ name: z.string(), generation: z.string(), count: z.int() }),
  mode: z.enum(['default', 'hop', 'replace', 'similarity', 'tanimoto']).meta({ description: 'How the hits are ranked.' }),
  filters: z.array(z.strictObject({ filter: z.string(), remaining: z.int() })).meta({ description: 'How many molecules were left after each filter, in order.' }),
  hits: z.array(hitSchema),
  tookMs: z.number(),
}).meta({ id: 'SearchResponse' });

export const moleculeSchema = z.strictObject({
  id: z.string(),
  otherIds: z.array(z.string()).meta({ description: 'Identifiers of library records that are the same molecule.' }),
  smiles: z.string(),
  names: z.array(z.string()),
  inchiKey: z.string(),
  properties: propertyValues.meta({ description: 'Columns that came with the library.' }),
  index: z.string(),
}).meta({ id: 'Molecule' });

const side = z.coerce.number().int().min(32).max(1024);

/** How a molecule is drawn: in the URL for one of a library, beside the SMILES for any other. */
export const depictionOptionsSchema = z.strictObject({
  width: side.default(260).meta({ description: 'Pixels.' }),
  height: side.default(180),
  theme: z.enum(['light', 'dark']).default('light').meta({ description: 'For white or for dark paper; the background is transparent.' }),
});

export const depictionRequestSchema = z.strictObject({
  smiles: z.string(),
  highlightAtoms: z.array(z.int().min(0)).max(250).optional().meta({ description: 'Atoms to mark, as they stand in the SMILES, from 0.' }),
  alignTo: z.string().optional().meta({ description: 'SMILES of a molecule in whose orientation the common part is drawn.' }),
  marks: z.array(z.strictObject({ atoms: z.array(z.int().min(0)).max(250), as: z.enum(['new', 'lost', 'chosen', 'warning']) })).max(8).optional().meta({ description: 'Atoms to mark, in the colour of their meaning: new and lost differ for colour-blind readers as well.' }),
  highlightDifference: z.boolean().default(false).meta({ description: 'Mark the atoms that are not in that common part.' }),
  ...depictionOptionsSchema.shape,
}).meta({ id: 'DepictionRequest' });

/** A drawing for pages on which atoms are chosen. */
export const placedDepictionSchema = z.strictObject({
  svg: z.string(),
  smiles: z.string(),
  atoms: z.array(z.tuple([z.number(), z.number()])).meta({ description: 'Where each atom of the SMILES lies: x and y in pixels of the drawing.' }),
}).meta({ id: 'PlacedDepiction' });

export const indexInfoSchema = z.strictObject({
  name: z.string(),
  generation: z.string(),
  count: z.int(),
  dimension: z.int(),
  backend: z.string(),
  modalities: z.array(z.string()).meta({ description: 'What a query can be.' }),
  createdAt: z.string(),
  rejected: z.int().meta({ description: 'Records that could not be used.' }),
  licence: z.string().nullable().meta({ description: 'Terms of the molecules, where they are stated.' }),
  link: z.string().nullable().meta({ description: 'Where a molecule is described elsewhere: an address with {id}, {inchiKey} or {smiles} in it.' }),
  hasMap: z.boolean(),
}).meta({ id: 'IndexInfo' });

export const capabilitiesSchema = z.strictObject({
  version: z.string(),
  modalities: z.array(z.strictObject({ id: z.string(), source: z.string(), summary: z.string() })),
  imageFormats: z.array(z.string()).meta({
    description: 'What a picture may be, by its bytes.', examples: [['png', 'jpeg', 'webp', 'gif', 'tiff']],
  }),
  groups: z.array(z.strictObject({ name: z.string(), smarts: z.string() })).meta({ description: 'Groups that `require` and `forbid` know by name.' }),
  limits: z.strictObject({ maxK: z.int(), maxSmilesCharacters: z.int(), maxAtoms: z.int(), maxImageBytes: z.int(), maxImagePixels: z.int() }),
  indexes: z.array(z.string()),
}).meta({ id: 'Capabilities' });

/** RFC 9457 problem details, with our stable code. */
export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string().meta({ description: 'Stable, UPPER_SNAKE.' }),
  requestId: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
}).meta({ id: 'Problem' });

export type DepictionRequest = z.output<typeof depictionRequestSchema>;
export type SearchOptions = z.output<typeof searchOptionsSchema>;
export type SearchRequest = z.output<typeof searchRequestSchema>;
export type SearchResponse = z.output<typeof searchResponseSchema>;
export type Hit = z.output<typeof hitSchema>;
export type Molecule = z.output<typeof moleculeSchema>;
export type IndexInfo = z.output<typeof indexInfoSchema>;
export type PlacedDepiction = z.output<typeof placedDepictionSchema>;
export type Capabilities = z.output<typeof capabilitiesSchema>;
export type Problem = z.output<typeof problemSchema>;
