/** What a library holds and where that comes from. */
import type { LibraryDetail } from '../../src/api/index.ts';
import { service } from '../service/service.ts';
import { address, formatAddress, go } from '../shell/address.ts';
import { counted } from '../batch/words.ts';
import { Fact } from './facts.tsx';
import { bytes, day, templateParts, webAddress } from './words.ts';

interface DetailProps {
  readonly detail: LibraryDetail;
}

export function Provenance({ detail }: DetailProps) {
  const { name, count, generation, createdAt, licence, sources, chemistry, command } = detail;
  const search = { ...address.value, view: 'search', library: name, generation: undefined } as const;
  return (
    <section class="panel" aria-labelledby="library-name">
      <div class="line headline">
        <h2 id="library-name">{name}</h2>
        <span class="quiet">{counted(count, 'molecule')}</span>
        <a class="button main" href={formatAddress(search)} onClick={(event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); go(search); }}>Search this library</a>
      </div>
      <dl class="told">
        <Fact name="Molecules"><Counts detail={detail} /></Fact>
        <Fact name="Ask by" means="what a query can be"><Asked detail={detail} /></Fact>
        <Fact name="Made"><time dateTime={createdAt}>{day(createdAt)}</time></Fact>
        <Fact name="Generation" means="the name of this build; links to answers hold it"><code>{generation}</code></Fact>
        <Fact name="Licence" means="terms of the molecules">{licence ?? 'not stated by whoever made the library'}</Fact>
        <Fact name="Source"><Source detail={detail} /></Fact>
        <Fact name={sources.length === 1 ? 'File' : 'Files'}>
          <ul>{sources.map((source) => <li key={source.file}>{source.file}, {bytes(source.bytes)}, {counted(source.records, 'record')}{source.sha256 !== null && <Digest sha256={source.sha256} />}</li>)}</ul>
        </Fact>
        <Fact name="Columns" means="what else it says of its molecules"><Columns detail={detail} /></Fact>
        <Fact name="Links" means="where a molecule is described elsewhere"><Template link={detail.link} /></Fact>
        <Fact name="Map" means="the library drawn so that what is alike lies together"><MapFact detail={detail} /></Fact>
        <Fact name="Size on disk"><Size detail={detail} /></Fact>
        <Fact name="Made by"><code>{command}</code></Fact>
        <Fact name="Chemistry" means="versions of the rules that decide which records are one molecule">{Object.entries(chemistry).map(([what, version]) => `${what} ${version}`).join(', ')}</Fact>
      </dl>
    </section>
  );
}

function Counts({ detail: { count, records, merged, rejected: { total } } }: DetailProps) {
  const parts = [
    ...(merged > 0 ? [`${merged.toLocaleString('en')} ${merged === 1 ? 'was' : 'were'} the same molecule as an earlier one`] : []),
    ...(total > 0 ? [`${total.toLocaleString('en')} could not be used`] : []),
  ];
  return <>{count.toLocaleString('en')} distinct, from {counted(records, 'record')}{parts.length > 0 && `; ${parts.join(', ')}`}.{total > 0 && <> <a href="#library-rejects" onClick={(event) => { event.preventDefault(); document.getElementById('library-rejects')?.focus(); }}>See which</a></>}</>;
}

const ASKED: Readonly<Record<string, string>> = {
  molecule: 'a molecule: a SMILES, a name, an identifier, an InChI, a molfile, or drawn in the editor',
  image: 'a picture of a drawn structure, such as a cut-out of a paper',
};

function Asked({ detail: { model: { modalities } } }: DetailProps) {
  const known = service.value?.capabilities.modalities ?? [];
  const words = [...new Set(modalities.map((id) => ASKED[known.find((one) => one.id === id)?.source ?? ''] ?? id))];
  return <ul class="bullets">{words.sort().map((word) => <li key={word}>{word}</li>)}</ul>;
}

function Source({ detail: { sourceUrl } }: DetailProps) {
  if (sourceUrl === null) return <>not stated</>;
  const href = webAddress(sourceUrl);
  return href === undefined ? <>{sourceUrl}</> : <a href={href} rel="noreferrer noopener" target="_blank">{sourceUrl}</a>;
}

/** So that a file can be told from another of its name. */
function Digest({ sha256 }: { readonly sha256: string }) {
  return <span class="quiet"> (SHA-256 <code title={sha256}>{sha256.slice(0, 12)}…</code>)</span>;
}

function Columns({ detail: { columns } }: DetailProps) {
  if (columns.length === 0) return <>none but structure, identifier and names</>;
  return (
    <ul>
      {columns.map(({ name, filled, example }) => (
        <li key={name}><strong>{name}</strong><span class="quiet">, given for {filled === 1 ? 'all' : filled < 0.01 ? 'less than 1 %' : `${Math.min(99, Math.round(100 * filled))} %`}, e.g. {String(example).slice(0, 80)}{String(example).length > 80 && ' …'}</span></li>
      ))}
    </ul>
  );
}

function Template({ link }: Pick<LibraryDetail, 'link'>) {
  if (link === null) return <>none stated; a column that holds an address is shown as a link</>;
  return <>{templateParts(link).map(({ text, isPlace }, i) => (isPlace ? <em key={i} class="place">{text}</em> : <span key={i}>{text}</span>))}</>;
}

function MapFact({ detail: { map } }: DetailProps) {
  if (map === null) return <>none: the library was made without one</>;
  return <>Of the ten nearest neighbours of a molecule, {Math.round(100 * map.neighbourShare)} % lie near it on the map. (A plain projection would keep {Math.round(100 * map.principalShare)} %.) Search, then choose Map, to see it.</>;
}

/** By what the files are for, not by their names alone. */
const PARTS: readonly { readonly starts: RegExp; readonly what: string }[] = [
  { starts: /^vectors/, what: 'vectors of the molecules' },
  { starts: /^ann\./, what: 'the index' },
  { starts: /^molecules/, what: 'structures, names and columns' },
  { starts: /^encoders\//, what: 'the model' },
  { starts: /^readings/, what: 'what pictures are compared by' },
  { starts: /^map/, what: 'the map' },
  { starts: /^score/, what: 'the score' },
  { starts: /^rejects/, what: 'rejected records' },
];

function Size({ detail: { files, totalBytes } }: DetailProps) {
  const sizes = new Map<string, number>();
  for (const file of files) {
    const what = PARTS.find(({ starts }) => starts.test(file.path))?.what ?? file.path;
    sizes.set(what, (sizes.get(what) ?? 0) + file.bytes);
  }
  const parts = [...sizes].filter(([, size]) => size > 0).sort((a, b) => b[1] - a[1]);
  return <>{bytes(totalBytes)}<span class="quiet">: {parts.map(([what, size]) => `${what} ${bytes(size)}`).join('; ')}</span></>;
}
