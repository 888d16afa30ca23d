/** Files that are made whole before the first byte is sent: what could not be drawn is known by then, and a failure is still a problem. */
import type { FileFormat, Table } from '../api/index.ts';
import type { SearchService } from './service.ts';

export interface WholeFile {
  readonly chunks: readonly string[];
  readonly skipped: readonly string[];
}

export async function wholeFile(service: SearchService, format: FileFormat, table: Table): Promise<WholeFile> {
  const skipped: string[] = [];
  const chunks: string[] = [];
  for await (const chunk of service.write(format, table, { urgent: true, onSkipped: (id) => skipped.push(id) })) chunks.push(chunk);
  return { chunks, skipped };
}
