/** `isolens`: parses the command line, runs one command, and turns failures into one clear line and an exit code. */
import { Command, CommanderError, Option } from 'commander';
import { systemErrorCode, toIsoLensError } from '../core/index.ts';
import { COMMANDS } from './commands/index.ts';
import { createContext } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';
import { EXIT } from './exit.ts';

async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('isolens')
    .description('What could I make or buy instead of this? Ranked bioisosteric candidates for a molecule or a drawn structure.')
    .option('-q, --quiet', 'say nothing but the result and errors')
    .addOption(new Option('--progress <form>', 'how progress is told: text, or json for programs, a line each').choices(['text', 'json']))
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'error ARGUMENT_INVALID: ')) })
    .showHelpAfterError('(add --help for the options)');
  let context: Context | undefined;
  const contextOf = (): Context => (context ??= createContext(program.opts<GlobalOptions>()));
  const asked = COMMANDS.filter(({ name }) => name === argv.slice(2).find((word) => !word.startsWith('-')));
  // Help, and whatever is no command, wants them all.
  for (const register of await Promise.all((asked.length > 0 ? asked : COMMANDS).map(({ load }) => load()))) register(program, contextOf);
  return program;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    await (await createProgram(argv)).parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const error = toIsoLensError(thrown);
    process.stderr.write(`error ${error.code}: ${error.message}\n`);
    if (error.code === 'INTERNAL' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack ?? ''}\n`);
    if (error.code === 'CANCELLED') return EXIT.interrupted;
    return error.code === 'ARGUMENT_INVALID' ? EXIT.usage : EXIT.failed;
  }
}

// A reader that has seen enough (`isolens search ... | head`) is no failure.
process.stdout.on('error', (error: Error) => {
  if (systemErrorCode(error) === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

// Run by another Node.js program, it ends with that: nobody would take what it makes.
const abandoned = (): void => process.exit(EXIT.interrupted);
if (process.connected) process.once('disconnect', abandoned);

process.exitCode = await main(process.argv);
process.off('disconnect', abandoned);
if (process.connected) process.disconnect();
