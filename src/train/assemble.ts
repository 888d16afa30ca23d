/** From a recipe to what training needs: the graph of all towers, the columns of the data file and the feeds between them. */
import type { FeatureRequest } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { encoderById, encoderConfig, wholeConfig } from '../encoders/index.ts';
import type { Encoder } from '../encoders/index.ts';
import { buildEncoderGraph, buildTrainingGraph } from '../model/index.ts';
import type { EncoderGraph, LossSpec, TowerSpec, TrainingGraph, ViewSpec } from '../model/index.ts';
import { modalityById, modalityConfig } from '../modalities/index.ts';
import type { Modality, PictureSize } from '../modalities/index.ts';
import type { FeedConfig } from '../native/index.ts';
import type { Recipe, RecipeTower } from '../recipes/index.ts';
import { mergeRequests } from './columns.ts';
import { CLASS_COLUMN } from './images.ts';

export interface AssembledTower {
  readonly recipe: RecipeTower;
  readonly modality: Modality;
  readonly modalityConfig: unknown;
  readonly spec: TowerSpec;
}

export interface Assembly {
  readonly towers: readonly AssembledTower[];
  readonly graph: TrainingGraph;
  readonly feeds: readonly FeedConfig[];
  readonly request: FeatureRequest;
  /** The tower whose modality is read from files; undefined where all is computed of molecules. */
  readonly files: AssembledTower | undefined;
  /** Size of the pictures by other programs that a tower wants; undefined where none does. */
  readonly pictures: PictureSize | undefined;
}

/** Parts from elsewhere; a recipe names them as it names those of the house. */
export interface Plugins {
  readonly modalities?: readonly Modality[];
  readonly encoders?: readonly Encoder[];
  readonly objectives?: readonly Exclude<LossSpec['objective'], string>[];
}

export function assemble(recipe: Recipe, plugins: Plugins = {}): Assembly {
  const towers = withSharedInputs(recipe.towers.map((tower) => assembleTower(tower, plugins)));
  checkTowers(towers);
  checkGallery(recipe.gallery, towers);
  checkProfiles(recipe, towers);
  const files = filesTower(recipe, towers);
  const auxiliaries = recipe.auxiliary.map((auxiliary, i) => {
    if (auxiliary.target === undefined) return { auxiliary };
    const modality = foundIn(plugins.modalities, auxiliary.target, modalityById);
    const config = modalityConfig(modality, auxiliary.targetConfig);
    const [target, ...others] = modality.inputs(config);
    const width = target?.shape[1];
    if (target === undefined || others.length > 0 || target.shape.length !== 2 || typeof width !== 'number') {
      throw new IsoLensError('ARGUMENT_INVALID', `Expected the target of the auxiliary head "${auxiliary.id}" to be one vector of fixed width, but "${auxiliary.target}" is not.`);
    }
    return { auxiliary, target: { modality, config, role: target.role, width, name: `auxiliary.${i}.target` } };
  });
  const graph = buildTrainingGraph({
    name: recipe.id,
    towers: towers.map(({ spec }) => spec),
    losses: recipe.losses.map((loss) => ({ ...loss, objective: plugins.objectives?.find(({ id }) => id === loss.objective) ?? loss.objective })),
    embeddingDimension: recipe.embeddingDimension,
    auxiliary: auxiliaries.map(({ auxiliary: { id, tower, weight, config, whole }, target }) => (
      { id, tower, weight, config, ...(whole === undefined ? {} : { whole }), ...(target === undefined ? {} : { target: { name: target.name, width: target.width } }) }
    )),
  });
  const isTreated = recipe.images !== undefined || recipe.profiles !== undefined;
  if (!isTreated && (graph.label !== undefined) !== (recipe.measurements !== undefined)) {
    throw new IsoLensError('ARGUMENT_INVALID', `Expected "measurements" for an objective that compares by label, and for no other, but received ${recipe.measurements === undefined ? 'none' : 'some'} for "${recipe.losses.map(({ objective }) => objective).join(', ')}".`);
  }
  const targets = auxiliaries.flatMap(({ target }) => (target === undefined ? [] : [target]));
  const feeds: FeedConfig[] = [
    ...towers.filter((tower) => tower.recipe.inputsOf === undefined).map(({ modality, modalityConfig: config, recipe: { name, augmentation }, spec: { encoder, config: own } }) => (
      feedOf(modality, config, { ...augmentation, ...encoder.feedOptions?.(own) }, graph.inputs[name]!)
    )),
    ...targets.map(({ modality, config, role, name }) => feedOf(modality, config, {}, { [role]: name })),
  ];
  // Images and profiles have a class each, or a molecule; molecules have the assay that a visit is for.
  const labels = !isTreated ? { kind: 'label', column: 'measurement' } : { kind: 'group', column: CLASS_COLUMN };
  if (graph.label !== undefined) feeds.push({ ...labels, inputs: { label: graph.label } });
  const request = mergeRequests([...towers, ...targets.map(({ modality, config }) => ({ modality, modalityConfig: config }))].map(({ modality, modalityConfig: config }) => modality.training.request(config)));
  const pictures = towers.map(({ modality, modalityConfig: config }) => modality.training.pictures?.(config)).find((size) => size !== undefined);
  return { towers, graph, feeds, request, files, pictures };
}

function foundIn<T extends { readonly id: string }>(others: readonly T[] | undefined, id: string, own: (id: string) => T): T {
  return others?.find((one) => one.id === id) ?? own(id);
}

function assembleTower(recipe: RecipeTower, plugins: Plugins): AssembledTower {
  const modality = foundIn(plugins.modalities, recipe.modality, modalityById);
  const config = modalityConfig(modality, recipe.modalityConfig);
  const encoder = foundIn(plugins.encoders, recipe.encoder, encoderById);
  const base = encoderConfig(encoder, recipe.encoderConfig);
  // What follows from the data (sizes, widths) is never said twice: the modality tells the encoder.
  const fields = Object.entries(modality.encoderFields(config)).filter(([name]) => Object.hasOwn(base as object, name));
  const spec: TowerSpec = {
    encoder,
    config: encoderConfig(encoder, base, { ...Object.fromEntries(fields), ...recipe.encoderOverrides }),
    prefix: recipe.name,
    projection: recipe.projection,
    sparseRoles: modality.inputs(config).filter(({ isSparse }) => isSparse === true).map(({ role }) => role),
    ...(recipe.weightsOf === undefined ? {} : { weightsOf: recipe.weightsOf }),
    ...(recipe.momentumOf === undefined ? {} : { momentumOf: recipe.momentumOf }),
    ...(recipe.frozenAs === undefined ? {} : { isFrozen: true }),
  };
  return { recipe, modality, modalityConfig: config, spec };
}

/** A tower that borrows or follows names one before it that has its own weights; what is exported is that one. */
function checkTowers(towers: readonly AssembledTower[]): void {
  const refuse = (name: string, field: string, expected: string, received: string): never => {
    throw new IsoLensError('ARGUMENT_INVALID', `Tower "${name}": expected "${field}" ${expected} but received ${received}.`);
  };
  towers.forEach((tower, i) => {
    const { name, weightsOf, momentumOf, frozenAs } = tower.recipe;
    if (towers.slice(0, i).some(({ recipe }) => recipe.name === name)) refuse(name, 'name', 'to be its own', 'that of a tower before it');
    const kinds = Object.entries({ weightsOf, momentumOf, frozenAs }).filter(([, value]) => value !== undefined).map(([kind]) => kind);
    if (kinds.length > 1) refuse(name, kinds[1]!, `or "${kinds[0]!}"`, 'both');
    const other = weightsOf ?? momentumOf?.tower;
    if (other === undefined) return;
    const field = weightsOf === undefined ? 'momentumOf' : 'weightsOf';
    const own = towers.slice(0, i).filter(({ recipe }) => recipe.weightsOf === undefined && recipe.momentumOf === undefined);
    const named = own.find(({ recipe }) => recipe.name === other);
    if (named === undefined) return refuse(name, field, `to name a tower before it that has its own weights (${own.map(({ recipe }) => `"${recipe.name}"`).join(', ') || 'there is none'})`, `"${other}"`);
    if (momentumOf !== undefined && shapeOf(tower) !== shapeOf(named)) refuse(name, field, `to name a tower of the same encoder and projection`, `"${other}", which has others`);
  });
}

/** Towers that read another's view, with the names of its inputs. */
function withSharedInputs(towers: readonly AssembledTower[]): AssembledTower[] {
  return towers.map((tower, i) => {
    const { name, inputsOf } = tower.recipe;
    if (inputsOf === undefined) return tower;
    const readers = towers.slice(0, i).filter(({ recipe }) => recipe.inputsOf === undefined);
    const other = readers.find(({ recipe }) => recipe.name === inputsOf);
    const inputsOfTower = ({ spec: { encoder, config } }: AssembledTower): string => JSON.stringify(encoder.inputs(config));
    if (other === undefined || other.modality !== tower.modality || inputsOfTower(other) !== inputsOfTower(tower)) {
      const fits = readers.filter((one) => inputsOfTower(one) === inputsOfTower(tower)).map(({ recipe }) => `"${recipe.name}"`).join(', ') || 'there is none';
      throw new IsoLensError('ARGUMENT_INVALID', `Tower "${name}": expected "inputsOf" to name a tower before it that reads the same inputs (${fits}) but received "${inputsOf}".`);
    }
    const inputNames = Object.fromEntries(other.spec.encoder.inputs(other.spec.config).map(({ role }) => [role, `${inputsOf}.${role}`]));
    return { ...tower, spec: { ...tower.spec, inputNames } };
  });
}

function checkGallery(gallery: string | undefined, towers: readonly AssembledTower[]): void {
  const exported = towers.filter((tower) => isExported(tower, gallery)).map(({ recipe }) => recipe.name);
  if (gallery === undefined || exported.includes(gallery)) return;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected "gallery" to name a tower that is exported (${exported.join(', ')}) but received "${gallery}".`);
}

/**
 * What a model is made of. A tower that borrows its weights is the lender once more; one that follows, or that teaches, is a means of
 * training. A frozen tower is exported where it embeds the library.
 */
export function isExported({ recipe: { name, weightsOf, momentumOf, frozenAs } }: Pick<AssembledTower, 'recipe'>, gallery: string | undefined): boolean {
  return weightsOf === undefined && momentumOf === undefined && (frozenAs === undefined || name === gallery);
}

/**
 * Images stand in one column: all towers of images read the same one, and no recipe without "images" has such towers. Towers of molecules
 * stand beside them where the table names a molecule for each image.
 */
function filesTower({ images }: Recipe, towers: readonly AssembledTower[]): AssembledTower | undefined {
  const rowOf = ({ modality, modalityConfig: config }: AssembledTower): string => JSON.stringify([modality.training.files?.column, modality.training.files?.shape(config)]);
  const reading = towers.filter(({ modality }) => modality.training.files !== undefined);
  if (images === undefined && reading.length === 0) return undefined;
  const others = towers.filter((tower) => tower.modality.training.files === undefined);
  const other = others.find(({ modality }) => images?.smiles === undefined || modality.source !== 'molecule') ?? (reading.length === 0 ? others[0] : undefined);
  if (images === undefined || other !== undefined) {
    const name = images === undefined ? reading[0]!.recipe.name : other!.recipe.name;
    throw new IsoLensError('ARGUMENT_INVALID', `Tower "${name}": expected ${images === undefined ? '"images" in a recipe with towers of images from files' : 'a modality of images from files in a recipe of "images"'} but received ${images === undefined ? 'none' : `"${other!.modality.id}"`}.`);
  }
  const differs = reading.find((tower) => rowOf(tower) !== rowOf(reading[0]!));
  if (differs !== undefined) throw new IsoLensError('ARGUMENT_INVALID', `Tower "${differs.recipe.name}": expected channels and side of "${reading[0]!.recipe.name}" but received others; towers of one recipe read the same data file.`);
  return reading[0];
}

/** Profiles stand in tables: no recipe without "profiles" has towers of them, and no other has such tables. */
function checkProfiles({ profiles }: Recipe, towers: readonly AssembledTower[]): void {
  const reader = towers.find(({ modality }) => modality.source === 'table');
  if ((profiles === undefined) === (reader === undefined)) return;
  throw new IsoLensError('ARGUMENT_INVALID', reader === undefined
    ? 'Expected a tower of profiles in a recipe of "profiles" but received none.'
    : `Tower "${reader.recipe.name}": expected "profiles" in a recipe with towers of profiles but received none.`);
}

function shapeOf({ spec: { encoder, config, projection } }: AssembledTower): string {
  return JSON.stringify([encoder.id, wholeConfig(encoder, config), projection]);
}

function feedOf(modality: Modality, config: unknown, augmentation: Readonly<Record<string, unknown>>, inputs: Readonly<Record<string, string>>): FeedConfig {
  const parsed = modality.training.augmentation.safeParse(augmentation);
  if (!parsed.success) throw new IsoLensError('ARGUMENT_INVALID', `Expected augmentation options of the modality "${modality.id}": ${parsed.error.issues[0]?.message ?? ''}.`);
  return { ...modality.training.feed(config, parsed.data), inputs };
}

/** The inference graph of one tower, over all its modality's views, with the parameter names of the training graph. */
export function servingGraph(tower: AssembledTower, recipe: Recipe, isByComponents = false): EncoderGraph {
  // Served on its own, a tower names its inputs by role, whatever it shared while it was trained.
  const { inputNames: _, ...spec } = tower.spec;
  return buildEncoderGraph({ ...spec, isByComponents }, recipe.embeddingDimension, servedViews(tower.modality, tower.modalityConfig, tower.spec.config as object));
}

/** Further looks that a served encoder takes, with those of their settings that the encoder has. */
export function servedViews(modality: Modality, config: unknown, encoder: object): ViewSpec[] {
  return (modality.views?.(config) ?? []).map(({ encoderFields, inputNames }) => (
    { config: Object.fromEntries(Object.entries(encoderFields).filter(([name]) => Object.hasOwn(encoder, name))), inputNames }
  ));
}
