import { ChemPool } from '../../chem/index.ts';
import { IsoLensError, toIsoLensError } from '../../core/index.ts';
import { readStructure } from '../../search/index.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit.ts';
import { readImageFile } from '../files.ts';
import { describeReading, openReader } from '../reading.ts';
import type { Register } from './define.ts';

interface ReadFlags {
  readonly model?: string;
  readonly structure: string;
  readonly molfile?: boolean;
  readonly json?: boolean;
}

export const registerRead: Register = (program, contextOf) => {
  program.command('read')
    .description('Read drawn structures: prints the SMILES of each picture, how sure it is, and what is doubtful.')
    .argument('<images...>', 'pictures of one structure each')
    .option('--model <folder>', 'a trained reader (default: the shipped one)')
    .option('--structure <number>', 'which of the structures that lie apart in a picture, or "all"; 1 is the largest', '1')
    .option('--molfile', 'print molfiles, in the layout of the picture')
    .option('--json', 'print one JSON object a line, with every atom and bond')
    .action(async (images: string[], flags: ReadFlags) => {
      const context = contextOf();
      if (flags.structure !== 'all' && !/^[1-9]\d*$/.test(flags.structure)) throw new IsoLensError('ARGUMENT_INVALID', `Expected --structure as a number from 1, or all, but received ${JSON.stringify(flags.structure)}.`);
      const chem = new ChemPool({ workers: 1 });
      const reader = await openReader(context, flags.model, 1);
      let refused = 0;
      try {
        for (const image of images) {
          context.signal.throwIfAborted();
          try {
            const bytes = await readImageFile(image);
            for (let number = flags.structure === 'all' ? 1 : Number(flags.structure), last = number; number <= last; number++) {
              const began = context.now();
              const found = await readStructure(reader, chem, bytes, number);
              print(context, image, describeReading(found, reader.vocabulary, context.now() - began), flags);
              if (flags.structure === 'all') last = found.reading.structures.length;
            }
          } catch (thrown) {
            const { code, message } = toIsoLensError(thrown);
            if (images.length === 1 && flags.json !== true) throw thrown;
            refused++;
            if (flags.json === true) context.print(JSON.stringify({ image, error: { code, message } }));
            else context.note(`${image}: ${message} (${code})`);
          }
        }
      } finally {
        await reader.close();
        await chem.close();
      }
      if (refused > 0) process.exitCode = EXIT.rejects;
    });
};

function print(context: Context, image: string, answer: ReturnType<typeof describeReading>, { molfile, json }: ReadFlags): void {
  if (json === true) return context.print(JSON.stringify({ image, ...answer }));
  if (molfile === true) context.print(answer.molfile);
  else context.print(`${answer.smiles ?? '-'}\t${answer.confidence.toFixed(2)}\t${image}`);
  for (const warning of answer.warnings) context.note(`${image}: ${warning}`);
}
