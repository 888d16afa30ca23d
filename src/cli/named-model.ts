/** Models as they are named on the command line. */
import { basename, resolve } from 'node:path';

/** `NAME=FOLDER`, or a folder that is its own name. */
export function namedModel(text: string): { name: string; folder: string } {
  const [, name, folder] = /^([^=/\\]+)=(.+)$/.exec(text) ?? [undefined, basename(resolve(text)), text];
  return { name, folder };
}

/** Every folder that a name with {fold} stands for. */
export function foldersOf(folder: string, folds: number): string[] {
  return folder.includes('{fold}') ? Array.from({ length: folds }, (_, fold) => folder.replaceAll('{fold}', String(fold))) : [folder];
}
