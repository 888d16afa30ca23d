/** The answer leaves the page: as a file, as a link, as code, on paper. */
import { useState } from 'preact/hooks';
import type { Hit } from '../../src/api/index.ts';
import { client, messageOf } from '../service/client.ts';
import { fileName, save } from '../service/files.ts';
import { address } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { answer, questionOf, shown } from './answer.ts';
import { nameOf } from './words.ts';

export const FORMATS = [
  { format: 'sdf', label: 'SDF', ending: 'sdf' },
  { format: 'smiles', label: 'SMILES', ending: 'smi' },
  { format: 'csv', label: 'CSV', ending: 'csv' },
  { format: 'jsonl', label: 'JSONL', ending: 'jsonl' },
] as const;
export type Format = (typeof FORMATS)[number];

export interface ExportRecord {
  readonly smiles: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

export async function exportRecords({ format, ending }: Format, records: readonly ExportRecord[], name: string, provenance: Readonly<Record<string, string>>): Promise<void> {
  save(await client.export({ format, records, name, provenance }), `${name}.${ending}`);
}

function recordOf(hit: Hit, rank: number): ExportRecord {
  const { id, smiles, names, inchiKey, score, cosine, tanimoto, sameScaffold, reason, descriptors, alerts, properties } = hit;
  return {
    smiles, id,
    fields: { rank: rank + 1, names: names.join('; '), inchiKey, score, cosine, tanimoto, sameScaffold, reason: reason?.text ?? null, ...descriptors, alerts: alerts.map(({ name }) => name).join('; '), ...properties },
  };
}

export function provenanceOf(): Record<string, string> {
  const current = answer.value;
  if (current.state !== 'answered') return {};
  const { query, index, mode } = current.response;
  return { query: address.value.text ?? 'a picture', searchedAs: query.smiles ?? '', mode, library: index.name, generation: index.generation, link: location.href };
}

export function Export() {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const current = answer.value;
  if (current.state !== 'answered') return null;
  const hits = shown.value;
  const { query, index } = current.response;
  const run = (format: Format): void => {
    setProblem(undefined);
    const name = fileName('isolens', query.held === null ? address.value.text ?? 'picture' : nameOf(query.held), address.value.mode, index.name);
    exportRecords(format, hits.map(({ hit, rank }) => recordOf(hit, rank)), name, provenanceOf()).catch((thrown: unknown) => setProblem(messageOf(thrown).detail));
  };
  return (
    <div class="export line" role="group" aria-label="Take away">
      <span class="small quiet">Save</span>
      {FORMATS.map((format) => <button key={format.format} type="button" onClick={() => run(format)}>{format.label}</button>)}
      <Copy text={() => location.href} label="Copy link" />
      <details class="menu">
        <summary>More</summary>
        <div class="panel">
          <button type="button" onClick={() => print()}>Print report</button>
          {query.kind !== 'image' && <><Copy text={curl} label="Copy as curl" /><Copy text={typescript} label="Copy as TypeScript" /><Copy text={python} label="Copy as Python" /></>}
        </div>
      </details>
      {problem !== undefined && <p class="complaint" role="alert">{problem}</p>}
    </div>
  );
}

function body(): string {
  return JSON.stringify(questionOf(address.peek()));
}

function curl(): string {
  return `curl -s ${location.origin}/v1/search -H 'content-type: application/json' -d '${body().replaceAll("'", String.raw`'\''`)}'`;
}

function typescript(): string {
  return `const response = await fetch('${location.origin}/v1/search', {\n  method: 'POST',\n  headers: { 'content-type': 'application/json' },\n  body: JSON.stringify(${body()}),\n});\nif (!response.ok) throw new Error((await response.json()).detail);\nconst { hits } = await response.json();\n`;
}

function python(): string {
  // JSON in a raw string: true, false and null are Python's own only after parsing.
  return `import json, urllib.request\n\nquestion = json.loads(r'''${body()}''')\nrequest = urllib.request.Request('${location.origin}/v1/search', json.dumps(question).encode(), {'content-type': 'application/json'})\nhits = json.load(urllib.request.urlopen(request))['hits']\n`;
}
