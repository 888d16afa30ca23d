import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../src/graph/index.ts';
import { createProgram } from '../../src/native/index.ts';
import { RECIPES } from '../../src/recipes/index.ts';
import { assemble, resolveRecipe } from '../../src/train/index.ts';
import { CLASS_COLUMN } from '../../src/train/images.ts';
import { servingGraph } from '../../src/train/assemble.ts';
import { configure } from '../../src/train/run.ts';

describe.each(RECIPES.map((recipe) => [recipe.id, recipe] as const))('recipe %s', (_, recipe) => {
  const assembly = assemble(recipe);

  it('is a valid graph whose every input has a feed', () => {
    expect(() => parseGraph(assembly.graph.ir)).not.toThrow();
    const fed = assembly.feeds.flatMap(({ inputs }) => Object.values(inputs));
    expect([...fed].sort()).toEqual(assembly.graph.ir.inputs.map(({ name }) => name).sort());
  });

  it('asks chemistry, or the files of images, for every column that a feed reads', () => {
    const { counts = {}, layouts, graph, tokens } = assembly.request;
    const asked = { layout: layouts !== undefined, graph: graph === true, smiles: tokens === true };
    const columns = [...Object.keys(counts), ...Object.entries(asked).flatMap(([name, wanted]) => (wanted ? [name] : []))];
    const { files } = assembly;
    if (recipe.profiles !== undefined) columns.push('profile', CLASS_COLUMN);
    if (files !== undefined) columns.push(files.modality.training.files!.column, CLASS_COLUMN);
    // What a row was drawn for is no column: the sampler says it.
    for (const { kind, column } of assembly.feeds) if (kind !== 'label') expect(columns).toContain(column);
  });

  it('serves each tower with the parameters that were trained', () => {
    const trained = new Map(assembly.graph.ir.parameters.map(({ name, shape }) => [name, shape]));
    for (const tower of assembly.towers) {
      const { ir } = servingGraph(tower, recipe);
      for (const { name, shape } of ir.parameters) expect(trained.get(name), name).toEqual(shape);
    }
  });

  it('is a configuration that the engine takes', () => {
    const config = configure({ recipe, threads: 1, resume: false, initial: undefined }, assembly, { train: ['a'], validation: 'b', measurements: recipe.measurements === undefined ? undefined : 'c' }, '/runs/checkpoint.safetensors');
    expect(config.graph.outputs).toContain(config.loss);
    for (const name of [...(config.metrics ?? []), config.retrieval!.query, config.retrieval!.gallery]) expect(config.graph.outputs).toContain(name);
    for (const { parameter } of config.graph.rules ?? []) expect(config.graph.parameters.map(({ name }) => name)).toContain(parameter);
    const program = createProgram(config.graph, { training: false, capacity: Object.fromEntries(config.graph.symbols.map((symbol) => [symbol, symbol === 'N' ? 2 : 64])), seed: 1, precision: 'f32', loss: config.loss, threads: 1 });
    expect(program.parameterNames().length).toBe(config.graph.parameters.length);
  });
});

it('configures auxiliary heads, several of one kind too', () => {
  const [drawing, structure] = resolveRecipe('drawing-structure').towers;
  const targetConfig = { radius: 2, bits: 64, transform: 'binary' };
  const head = { id: 'fingerprint', tower: drawing!.name, target: 'fingerprint', targetConfig, weight: 1 };
  const auxiliary = [{ ...head, config: { hidden: 24, bias: -2 } }, head, { ...head, tower: structure!.name, config: { hidden: 40 } }];
  const { graph } = assemble(resolveRecipe('drawing-structure', { auxiliary }));
  const parameters = new Map(graph.ir.parameters.map((parameter) => [parameter.name, parameter]));
  const [first, second, third] = ['drawing-fingerprint', 'drawing-fingerprint-2', 'structure-fingerprint'];
  expect(parameters.get(`${first}.hidden.weight`)!.shape).toContain(24);
  expect(parameters.get(`${first}.bias`)!.init).toMatchObject({ value: -2 });
  expect(parameters.has(`${second}.hidden.weight`)).toBe(false);
  expect(parameters.get(`${second}.bias`)!.init).toMatchObject({ value: -4 });
  expect(parameters.get(`${third}.hidden.weight`)!.shape).toContain(40);
  expect(graph.metrics.filter((name) => name.includes('bitEntropy'))).toEqual([
    'metrics.bitEntropy', `metrics.${second}-bitEntropy`, `metrics.${third}-bitEntropy`,
  ]);
  const refused = (): unknown => assemble(resolveRecipe('drawing-structure', { auxiliary: [{ ...head, config: { depth: 3 } }] }));
  expect(refused).toThrow(/depth/);
});

it('refuses what does not fit together, by name', () => {
  const refusal = (overrides: unknown): string => {
    try {
      assemble(resolveRecipe('drawing-structure', overrides));
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'ARGUMENT_INVALID' });
      return (thrown as Error).message;
    }
    throw new Error('not refused');
  };
  const [drawing, structure] = resolveRecipe('drawing-structure').towers;
  expect(refusal({ losses: [{ objective: 'nonsense', between: ['drawing', 'structure'] }] })).toContain('nonsense');
  expect(refusal({ towers: [{ ...drawing, encoder: 'nonsense' }, structure] })).toContain('resnet');
  expect(refusal({ towers: [{ ...drawing, encoderConfig: 'huge' }, structure] })).toContain('tiny');
  expect(refusal({ towers: [{ ...drawing, modality: 'photo' }, structure] })).toContain('fingerprint');
  expect(refusal({ towers: [{ ...drawing, encoderOverrides: { heads: 3 } }, structure] })).toContain('heads');
  expect(refusal({ towers: [{ ...drawing, augmentation: { strength: 7 } }, structure] })).toContain('drawing');
  expect(refusal({ towers: [drawing, { ...drawing, name: 'view', weightsOf: 'other' }] })).toContain('"drawing"');
  expect(refusal({ towers: [{ ...drawing, weightsOf: 'structure' }, structure] })).toContain('"structure"');
  expect(refusal({ towers: [drawing, structure, { ...drawing }] })).toContain('"drawing"');
  expect(refusal({ towers: [drawing, { ...drawing, name: 'key', momentumOf: { tower: 'other', momentum: 0.9 } }] })).toMatch(/"key".*"momentumOf".*"drawing".*"other"/);
  expect(refusal({ towers: [drawing, { ...structure, momentumOf: { tower: 'drawing', momentum: 0.9 } }] })).toMatch(/same encoder and projection/);
  expect(refusal({ losses: [{ objective: 'clip', between: ['drawing', 'cells'] }] })).toContain('"cells"');
  expect(refusal({ losses: [{ objective: 'sup-con', between: ['drawing', 'structure'] }] })).toContain('measurements');
  expect(refusal({ auxiliary: [{ id: 'fingerprint', tower: 'drawing', target: 'drawing', targetConfig: { height: 64, width: 64 }, weight: 1 }] })).toContain('drawing');
});
