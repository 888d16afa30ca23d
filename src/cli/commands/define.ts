import type { Command } from 'commander';
import type { Context } from '../context.ts';

/** Adds a command to the program; the context is made when the command runs. */
export type Register = (program: Command, context: () => Context) => void;
