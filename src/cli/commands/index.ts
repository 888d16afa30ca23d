import type { Command } from 'commander';
import { registerTrain } from './train.ts';
import type { Context } from '../context.ts';

export type Register = (program: Command, context: () => Context) => void;

/** Adding a command: one file and one line here. */
export const COMMANDS: readonly Register[] = [registerTrain];
