import type { GraphIr } from '../graph/index.ts';
import { addon, guarded } from './engine.ts';
import type { AdamWOptions, NativeProgram, NativeProgramOptions } from './types.ts';

/** Binds a graph to memory; see `NativeProgram`. Parameters are initialised from the seed and their names. */
export function createProgram(graph: GraphIr, options: NativeProgramOptions): NativeProgram {
  const program = guarded(() => new (addon().NativeProgram)(JSON.stringify(graph), JSON.stringify(options)));
  return {
    bind: (sizes) => guarded(() => program.bind(JSON.stringify(sizes))),
    setInput: (name, data, shape) => guarded(() => program.setInput(name, data, shape)),
    forward: (training, step) => guarded(() => program.forward(training, step)),
    backward: (scale = 1) => guarded(() => program.backward(scale)),
    zeroGradients: () => guarded(() => program.zeroGradients()),
    value: (name) => guarded(() => program.value(name)),
    gradient: (name) => guarded(() => program.gradient(name)),
    parameterNames: () => guarded(() => program.parameterNames()),
    getParameter: (name) => guarded(() => program.getParameter(name)),
    setParameter: (name, data) => guarded(() => program.setParameter(name, data)),
    loadParameters: (path) => guarded(() => program.loadParameters(path)),
    adamwStep: (adamw: AdamWOptions, step) => guarded(() => program.adamwStep(JSON.stringify(adamw), step)),
  };
}
