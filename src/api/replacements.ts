/** Schemas of `POST /v1/replacements`. */
import * as z from 'zod';
import { descriptorsSchema, ionisationSchema as ionisation } from './schemas.ts';

const MAX_PROPOSALS = 200;

export const replacementRequestSchema = z.strictObject({
  smiles: z.string().meta({ description: 'A molecule, or a fragment with one to three attachment points such as [*:1]C(=O)N[*:2].', examples: ['CC(=O)Nc1ccc(O)cc1'] }),
  atoms: z.array(z.int().min(0)).min(1).max(250).optional().meta({ description: 'Atoms of the group to replace, as they stand in the SMILES, from 0; every group where absent.', examples: [[8]] }),
  ionisation: ionisation.optional().meta({ description: 'Only replacements that are this in water at pH 7.4; all where absent.' }),
  k: z.int().min(1).max(MAX_PROPOSALS).default(20).meta({ description: 'How many molecules to propose, and replacements to list for each group.' }),
  index: z.string().min(1).optional().meta({ description: 'The bundle in which proposals are looked up and by whose encoder they are compared; the first one where absent.' }),
}).meta({ id: 'ReplacementRequest' });

export const replacementEvidenceSchema = z.strictObject({
  from: z.string(),
  name: z.string().meta({ description: 'What chemists call "to", or its formula.' }),
  to: z.string().meta({ description: 'Its attachment points are numbered as those of "from".' }),
  pairs: z.int().meta({ description: 'Matched pairs: two molecules of one assay that differ by this replacement alone, at least one of them active below 10 uM.' }),
  assays: z.int(),
  contexts: z.int().meta({ description: 'Distinct constant parts.' }),
  kept: z.int().meta({ description: 'Pairs whose activity changed by less than 0.5 log units.' }),
  lost: z.int().meta({ description: 'Pairs of which a bound alone ("> 10 uM") says that activity fell by 0.5 log units or more.' }),
  gained: z.int().meta({ description: 'The same for a rise.' }),
  deltaActivity: z.strictObject({
    pairs: z.int(), mean: z.number(), sd: z.number(), quantiles: z.strictObject({ q10: z.number(), q50: z.number(), q90: z.number() }), keptShare: z.number(),
  }).nullable().meta({ description: 'Change of -log10 of the molar activity over pairs of two exact values; positive: the new group is more active. Null where there is none.' }),
  histogram: z.strictObject({ from: z.number(), width: z.number(), counts: z.array(z.int()) }).nullable().meta({ description: 'The same pairs by their change: counts[i] lie from + i * width or more, and less than the next; the outer ones hold what lies beyond. Null in tables of earlier versions.' }),
  deltaLogP: z.number(),
  deltaTpsa: z.number(),
  environment: z.strictObject({
    radius: z.int().meta({ description: 'Within so many bonds (0 to 3) the surroundings of every cut agree with those of these pairs; -1: none matched or were asked for.' }),
    pairs: z.int(), kept: z.int(), meanDelta: z.number(),
  }).meta({ description: 'The widest matching surroundings in which the replacement was seen.' }),
  ionisation: ionisation.meta({ description: 'What the new group is in water at pH 7.4.' }),
  isostere: z.boolean().meta({ description: 'The same class in water as the old group, its charge as many bonds from the attachment points.' }),
  textbook: z.boolean().meta({ description: 'Textbooks and reviews call the two isosteres. What is an isostere by this and by "isostere" is ranked first, then what is one by either.' }),
  needed: z.strictObject({
    pairs: z.int(), kept: z.int().meta({ description: 'Pairs that lost less than 0.5 log units.' }), expectedKept: z.number(),
  }).meta({ description: 'Pairs in which the old group was needed: with hydrogen or methyl in its place, the compound is weaker by 1 log unit or more in the same assay.' }),
  expectedKept: z.number().meta({ description: 'Expected share of pairs that keep their activity, shrunk towards what is usual.' }),
  score: z.number().meta({ description: 'The rank among those that are equally isosteres: needed.expectedKept minus one standard deviation, more for many assays, less for another size.' }),
}).meta({ id: 'ReplacementEvidence' });

export const proposalSchema = z.strictObject({
  smiles: z.string().meta({ description: 'Canonical SMILES of the standardised molecule.' }),
  inchiKey: z.string(),
  virtual: z.boolean().meta({ description: 'True where the molecule is in no bundle that was asked: nobody may have made it.' }),
  id: z.string().nullable().meta({ description: 'Its identifier where it is in the bundle.' }),
  names: z.array(z.string()),
  group: z.int().meta({ description: 'Position of the replaced group in "groups".' }),
  from: z.string(),
  to: z.string(),
  evidence: replacementEvidenceSchema,
  cosine: z.number().nullable().meta({ description: 'Cosine of the embeddings of query and proposal; null without a bundle.' }),
  tanimoto: z.number().meta({ description: 'ECFP4 Tanimoto similarity to the query.' }),
  properties: descriptorsSchema.meta({ description: 'Of the proposal.' }),
  changes: descriptorsSchema.meta({ description: 'The same, minus those of the query.' }),
}).meta({ id: 'Proposal' });

export const replaceableGroupSchema = z.strictObject({
  fragment: z.string(),
  name: z.string().meta({ description: 'What chemists call it, or its formula.' }),
  atoms: z.array(z.int()).meta({ description: 'As they stand in the SMILES, from 0.' }),
  environment: z.array(z.string()).meta({ description: 'The surroundings of each cut, to one bond.' }),
  ionisation: ionisation.nullable().meta({ description: 'What the group is in water at pH 7.4; null for a fragment.' }),
  total: z.int().meta({ description: 'Replacements known.' }),
  replacements: z.array(replacementEvidenceSchema),
}).meta({ id: 'ReplaceableGroup' });

export const replacementResponseSchema = z.strictObject({
  query: z.strictObject({
    kind: z.enum(['molecule', 'fragment']),
    smiles: z.string().meta({ description: 'What was asked about: the standardised parent, or the canonical fragment.' }),
    input: z.string(),
    inchiKey: z.string().nullable(),
    removed: z.array(z.string()).meta({ description: 'Salts and solvents that were set aside.' }),
    warnings: z.array(z.string()),
  }),
  groups: z.array(replaceableGroupSchema),
  proposals: z.array(proposalSchema),
  refused: z.int().meta({ description: 'Assembled molecules that no valence rule allows.' }),
  index: z.string().nullable(),
  tookMs: z.number(),
}).meta({ id: 'ReplacementResponse' });

export type ReplacementRequest = z.output<typeof replacementRequestSchema>;
export type ReplacementResponse = z.output<typeof replacementResponseSchema>;
