import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';

describe('commands', () => {
  it.each(COMMANDS)('$name is what its file registers', async ({ name, load }) => {
    const program = new Command();
    (await load())(program, () => { throw new Error('Expected no command to run.'); });
    expect(program.commands.map((command) => command.name())).toEqual([name]);
  });
});
