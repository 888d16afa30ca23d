import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel } from '../../src/bundle/index.ts';
import { TERMS } from '../../src/score/index.ts';
import type { DomainModel, ScoreModel } from '../../src/score/index.ts';

/** A score that weighs every term alike; surprise is the similarity itself, five times over. */
export function anyScore(encoder = 'any', domain?: DomainModel): ScoreModel {
  const likeness = TERMS.filter(({ kind }) => kind === 'likeness');
  const mode = { intercept: -4, weights: Object.fromEntries(TERMS.map(({ id, sign }) => [id, sign * 0.5])) as ScoreModel['modes']['default']['weights'] };
  return {
    format: 'isolens-score', version: 1, encoder,
    scales: Object.fromEntries(likeness.map(({ id }) => [id, { similarity: [0, 1], surprise: [0, 5] }])),
    modes: { default: mode, hop: mode, replace: mode },
    ...(domain === undefined ? {} : { domain }),
    provenance: {},
  };
}

/** Lays it beside a model, as fitted for its encoder. */
export async function writeAnyScore(folder: string, domain?: DomainModel): Promise<void> {
  const { gallery, towers } = await readModel(folder);
  await writeFile(join(folder, 'score.json'), JSON.stringify(anyScore(towers.find(({ name }) => name === gallery)!.sha256, domain)));
}
