/** What the measurements compare by: fingerprints, or the encoder of a bundle or of a model. */
import type { Command } from 'commander';
import { galleryDigest, galleryTower, readManifest, readModel } from '../bundle/index.ts';
import { ChemPool } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { METHODS } from '../evaluate/index.ts';
import type { MethodServices } from '../evaluate/index.ts';
import { openEncoder } from '../ingest/index.ts';
import type { EncoderFiles } from '../ingest/index.ts';
import { MODES, readScore } from '../score/index.ts';
import type { Mode } from '../score/index.ts';
import { bundlePlace } from './bundles.ts';
import type { Context } from './context.ts';

export interface MethodFlags {
  readonly bundle?: string;
  readonly model?: string;
  readonly mode: string;
  readonly data: string;
  readonly method: string;
  readonly json?: boolean;
}

export function methodOptions(command: Command, data = 'the protocol\'s molecules: JSON, plain or gzipped'): Command {
  return command
    .requiredOption('--data <file>', data)
    .requiredOption('--method <method>', METHODS.map((method) => `${method.id} (${method.summary})`).join('; '))
    .option('--bundle <name>', 'the bundle whose encoder embeds')
    .option('--model <folder>', 'the model whose encoder embeds, where no bundle was made with it yet')
    .option('--mode <mode>', `the score's mode: ${MODES.join(', ')}`, 'default')
    .option('--json', 'print one JSON object a method');
}

/** `ecfp4,score` -> ['ecfp4', 'score'], each a method that there is. */
export function methodIds(text: string): string[] {
  const ids = text.split(',');
  const unknown = ids.find((id) => !METHODS.some((method) => method.id === id));
  if (unknown !== undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected methods (${METHODS.map((method) => method.id).join(', ')}) but received "${unknown}".`);
  return ids;
}

/** Fingerprints need no encoder: one is opened only where it is named. */
export async function withMethod(context: Context, flags: MethodFlags, work: (context: Context, services: MethodServices) => Promise<void>): Promise<void> {
  const { progress, signal } = context;
  methodIds(flags.method);
  const mode = modeOf(flags.mode);
  const files = await encoderFiles(context, flags);
  const chem = new ChemPool({ workers: context.threads });
  try {
    if (files === undefined) return await work(context, { chem, progress, signal });
    const score = await readScore(files.directory, await galleryDigestOf(context, flags));
    const encoder = await openEncoder(files);
    try {
      await work(context, { chem, progress, signal, encoder, score: score === undefined ? undefined : { model: score, mode } });
    } finally {
      await encoder.close();
    }
  } finally {
    await chem.close();
  }
}

export function modeOf(text: string): Mode {
  const found = MODES.find((mode) => mode === text);
  if (found !== undefined) return found;
  throw new IsoLensError('ARGUMENT_INVALID', `Expected a mode (${MODES.join(', ')}) but received ${JSON.stringify(text)}.`);
}

async function galleryDigestOf(context: Context, { bundle, model }: MethodFlags): Promise<string | undefined> {
  if (model === undefined) {
    const { root, name } = bundlePlace(context, bundle!);
    return galleryDigest((await readManifest(root, name)).manifest);
  }
  return galleryTower(await readModel(model)).sha256;
}

async function encoderFiles(context: Context, { bundle, model }: MethodFlags): Promise<EncoderFiles | undefined> {
  if (bundle !== undefined && model !== undefined) throw new IsoLensError('ARGUMENT_INVALID', 'Expected one of --bundle and --model but received both.');
  if (model !== undefined) return readModel(model);
  if (bundle === undefined) return undefined;
  const { root, name } = bundlePlace(context, bundle);
  const { manifest, directory } = await readManifest(root, name);
  return { ...manifest, directory };
}
