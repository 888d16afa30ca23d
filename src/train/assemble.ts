/** From a recipe to what training needs: the graph of both towers, the columns of the data file and the feeds between them. */
import type { FeatureRequest } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { buildEncoderGraph, buildPairGraph, encoderById, encoderConfig } from '../encoders/index.ts';
import type { EncoderGraph, PairGraph, TowerSpec, ViewSpec } from '../encoders/index.ts';
import { modalityById, modalityConfig } from '../modalities/index.ts';
import type { Modality, PictureSize } from '../modalities/index.ts';
import type { FeedConfig } from '../native/index.ts';
import type { Recipe, RecipeTower } from '../recipes/index.ts';
import { mergeRequests } from './columns.ts';

export interface AssembledTower {
  readonly recipe: RecipeTower;
  readonly modality: Modality;
  readonly modalityConfig: unknown;
  readonly spec: TowerSpec;
}

export interface Assembly {
  readonly towers: readonly [AssembledTower, AssembledTower];
  readonly pair: PairGraph;
  readonly feeds: readonly FeedConfig[];
  readonly request: FeatureRequest;
  /** Size of the pictures by other programs that a tower wants; undefined where none does. */
  readonly pictures: PictureSize | undefined;
}

export function assemble(recipe: Recipe): Assembly {
  const towers = [assembleTower(recipe.towers[0]!), assembleTower(recipe.towers[1]!)] as const;
  checkSharing(towers);
  const auxiliaries = recipe.auxiliary.map((auxiliary, i) => {
    const modality = modalityById(auxiliary.target);
    const config = modalityConfig(modality, auxiliary.targetConfig);
    const [target, ...others] = modality.inputs(config);
    const width = target?.shape[1];
    if (target === undefined || others.length > 0 || target.shape.length !== 2 || typeof width !== 'number') {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected the target of the auxiliary head "${auxiliary.id}" to be one vector of fixed width, but "${auxiliary.target}" is not.`);
    }
    return { auxiliary, modality, config, role: target.role, width, input: `auxiliary.${i}.target` };
  });
  const pair = buildPairGraph({
    name: recipe.id,
    towers: [towers[0].spec, towers[1].spec],
    objective: recipe.objective.id,
    objectiveConfig: recipe.objective.config,
    embeddingDimension: recipe.embeddingDimension,
    auxiliary: auxiliaries.map(({ auxiliary: { id, tower, weight, config }, input, width }) => (
      { id, tower, targetName: input, targetWidth: width, weight, config }
    )),
  });
  if ((pair.label !== undefined) !== (recipe.measurements !== undefined)) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected "measurements" for an objective that compares by label, and for no other, but received ${recipe.measurements === undefined ? 'none' : 'some'} for "${recipe.objective.id}".`);
  }
  const feeds: FeedConfig[] = [
    ...towers.map((tower, i) => feedOf(tower.modality, tower.modalityConfig, tower.recipe.augmentation, pair.inputs[i as 0 | 1])),
    ...auxiliaries.map(({ modality, config, role, input }) => feedOf(modality, config, {}, { [role]: input })),
  ];
  if (pair.label !== undefined) feeds.push({ kind: 'label', column: 'measurement', inputs: { label: pair.label } });
  const request = mergeRequests([...towers, ...auxiliaries.map(({ modality, config }) => ({ modality, modalityConfig: config }))].map(({ modality, modalityConfig: config }) => modality.training.request(config)));
  const pictures = towers.map(({ modality, modalityConfig: config }) => modality.training.pictures?.(config)).find((size) => size !== undefined);
  return { towers, pair, feeds, request, pictures };
}

function assembleTower(recipe: RecipeTower): AssembledTower {
  const modality = modalityById(recipe.modality);
  const config = modalityConfig(modality, recipe.modalityConfig);
  const encoder = encoderById(recipe.encoder);
  const base = encoderConfig(encoder, recipe.encoderConfig);
  // What follows from the data (sizes, widths) is never said twice: the modality tells the encoder.
  const fields = Object.entries(modality.encoderFields(config)).filter(([name]) => Object.hasOwn(base as object, name));
  const spec: TowerSpec = {
    encoder,
    config: encoderConfig(encoder, base, { ...Object.fromEntries(fields), ...recipe.encoderOverrides }),
    prefix: recipe.name,
    projection: recipe.projection,
    ...(recipe.weightsOf === undefined ? {} : { weightsOf: recipe.weightsOf }),
    ...(recipe.momentumOf === undefined ? {} : { momentumOf: recipe.momentumOf }),
  };
  return { recipe, modality, modalityConfig: config, spec };
}

/** Two views through one encoder: the second tower borrows or follows, and what it is exported as is the first. */
function checkSharing([first, second]: readonly [AssembledTower, AssembledTower]): void {
  checkMomentum(first, second);
  const lender = second.recipe.weightsOf;
  if (first.recipe.weightsOf === undefined && (lender === undefined || lender === first.recipe.name)) return;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected "weightsOf" of the second tower alone, naming the first ("${first.recipe.name}"), but received "${first.recipe.weightsOf ?? lender}".`);
}

function checkMomentum(first: AssembledTower, second: AssembledTower): void {
  const own = second.recipe.momentumOf;
  if (first.recipe.momentumOf === undefined && own === undefined) return;
  const refuse = (expected: string, received: string): never => {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected "momentumOf" ${expected} but received ${received}.`);
  };
  if (first.recipe.momentumOf !== undefined || own?.tower !== first.recipe.name) refuse(`of the second tower alone, naming the first ("${first.recipe.name}")`, `"${(first.recipe.momentumOf ?? own)!.tower}"`);
  if (second.recipe.weightsOf !== undefined) refuse('or "weightsOf"', 'both');
  const shapeOf = ({ spec: { encoder, config, projection } }: AssembledTower): string => JSON.stringify([encoder.id, config, projection]);
  if (shapeOf(first) !== shapeOf(second)) refuse(`of a tower with the encoder and projection of "${first.recipe.name}"`, 'one of another shape');
}

function feedOf(modality: Modality, config: unknown, augmentation: Readonly<Record<string, unknown>>, inputs: Readonly<Record<string, string>>): FeedConfig {
  const parsed = modality.training.augmentation.safeParse(augmentation);
  if (!parsed.success) throw new IsoLensError('ARGUMENT_INVALID', `Expected augmentation options of the modality "${modality.id}": ${parsed.error.issues[0]?.message ?? ''}.`);
  return { ...modality.training.feed(config, parsed.data), inputs };
}

/** The inference graph of one tower, over all its modality's views, with the parameter names of the training graph. */
export function servingGraph(tower: AssembledTower, recipe: Recipe): EncoderGraph {
  return buildEncoderGraph(tower.spec, recipe.embeddingDimension, servedViews(tower.modality, tower.modalityConfig, tower.spec.config as object));
}

/** Further looks that a served encoder takes, with those of their settings that the encoder has. */
export function servedViews(modality: Modality, config: unknown, encoder: object): ViewSpec[] {
  return (modality.views?.(config) ?? []).map(({ encoderFields, inputNames }) => (
    { config: Object.fromEntries(Object.entries(encoderFields).filter(([name]) => Object.hasOwn(encoder, name))), inputNames }
  ));
}
