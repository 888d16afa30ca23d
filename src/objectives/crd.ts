import * as z from 'zod';
import { linear, plainInit } from '../graph/index.ts';
import type { GraphBuilder, Value } from '../graph/index.ts';
import { defineObjective } from './define.ts';
import { mean, scaled, similarities } from './parts.ts';

/**
 * Noise-contrastive, as published: is a pair of a student and a teacher one item, or one of `queue` others? The published constant that
 * brings exponentials to probabilities is the mean of the first batch's; here it is what unit vectors of the dimension have on average.
 * Others come from queues of what both gave in former steps, there from banks of the whole set.
 */
export const crd = defineObjective({
  id: 'crd',
  summary: 'Contrastive distillation: the first side, a student, tells which of many items the second, a teacher, has seen, and the other way round.',
  references: ['Tian et al. 2020, arXiv:1910.10699 (CRD)'],
  config: z.strictObject({
    temperature: z.number().positive().default(0.07),
    /** Width of the space in which the two are compared. */
    dimension: z.int().min(8).default(128),
    /** Negatives: a whole number of batches. */
    queue: z.int().positive().default(16_384),
  }),
  build: (g, { a, b }, { temperature, dimension, queue: size }) => {
    const mapped = (name: string, x: Value): Value => g.named(`${name}-mapped`, g.apply('L2Normalise', [linear(g, name, x, dimension, { init: plainInit(Number(x.shape[1])) })]));
    const student = mapped('student', a);
    const teacher = mapped('teacher', b);
    const queueOf = (name: string, from: Value): Value => {
      const queue = g.parameter(`${name}-queue`, [size, dimension], { kind: 'unitRows' }, { trainable: false });
      g.rule({ rule: 'enqueue', parameter: queue, from });
      return queue;
    };
    const offset = Math.log(size) + 1 / (2 * dimension * temperature ** 2);
    const queues = { student: queueOf('student', student), teacher: queueOf('teacher', teacher) };
    const logitsOf = (x: Value, y: Value): Value => g.apply('Sub', [scaled(g, similarities(g, x, y), 1 / temperature), g.constant(offset)]);
    const same = g.apply('Sub', [scaled(g, g.apply('ReduceSum', [g.apply('Mul', [student, teacher])], { axes: [1] }), 1 / temperature), g.constant(offset)]);
    const loss = [
      scaled(g, mean(g, g.apply('Softplus', [g.apply('Neg', [same])])), 2),
      apart(g, logitsOf(student, queues.teacher)), apart(g, logitsOf(teacher, queues.student)),
    ].reduce((sum, part) => g.apply('Add', [sum, part]));
    return { loss, metrics: {} };
  },
});

/** -log(1 - h) of all negatives of a row, (N, K), summed; the mean over rows. */
function apart(g: GraphBuilder, logits: Value): Value {
  return mean(g, g.apply('ReduceSum', [g.apply('Softplus', [logits])], { axes: [1] }));
}
