/** What several commands ask for in the same words. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

/** A parser of whole numbers between two limits, for commander. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}.`);
  };
}

export function numberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`);
  };
}

/** Gathers a repeated option into a list. */
export function repeated(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** Where a service listens, and under which names it answers. */
export function listenOptions(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on; whoever reaches it can search', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', wholeNumber(0, 65_535), 8080)
    .option('--allow-host <name>', 'a name, with or without :port, by which others know this service; may be repeated', repeated)
    .option('--api-keys <file>', 'asks for an API key of this file; "isolens key" makes keys (default: whoever reaches it can search)')
    .option('--rate-limit <number>', 'requests a minute from one client; 0 for no limit (default: 0 on this machine alone, else 3000)', wholeNumber(0, 1_000_000))
    .option('--drain <seconds>', 'how long it still answers when it is stopped, with /readyz saying 503: a balancer sees it and asks elsewhere', wholeNumber(0, 3600), 0)
    .option('--allow-indexing', 'lets clients send libraries to be indexed; new indexes answer beside the others')
    .option('--jobs <folder>', 'where lists of queries and their results are kept (default: .jobs beside the bundles)');
}

export function bundleOption(command: Command): Command {
  return command.requiredOption('--bundle <name>', 'the bundle: its name, the path of its folder, or postgres://user@host/database/name where it was pushed');
}

/** How a library file is to be read: the same for every command that reads one. */
export interface LibraryFlags {
  readonly format?: string;
  readonly smilesColumn?: string;
  readonly idColumn?: string;
  readonly nameColumn?: string;
  readonly delimiter?: string;
  readonly header?: boolean;
}

export function libraryOptions(command: Command): Command {
  return command
    .option('--format <format>', 'smi, csv, tsv, sdf or jsonl (default: by the file\'s name)')
    .option('--smiles-column <name>', 'column, or its number from 1, that holds the SMILES (default: found by its name)')
    .option('--id-column <name>', 'column, field or number of the identifier')
    .option('--name-column <name>', 'column, field or number of the name')
    .option('--delimiter <character>', 'what stands between the columns (default: detected; "tab" for a tab)')
    .option('--header', 'the first line names the columns (default: detected)')
    .option('--no-header', 'the first line is a record');
}
