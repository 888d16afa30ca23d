/** A picture that was searched: what was read of it, whether the library holds it, and ways on from there. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReadResponse, SearchResponse } from '../../src/api/index.ts';
import { answer } from '../answer/answer.ts';
import { nameOf, percent } from '../answer/words.ts';
import { Structure } from '../draw/structure.tsx';
import { draft, isDrawing } from '../query/draft.ts';
import { ClickableMolecule } from '../replace/molecule.tsx';
import { client } from '../service/client.ts';
import { ask } from '../shell/address.ts';
import { Copy } from '../shell/copy.tsx';
import { Lazy } from '../shell/lazy.tsx';
import { cut } from './cut.ts';
import { doubtsIn, drawReading, sample, spoken } from './overlay.ts';
import { keepPicture } from './pictures.ts';

const LIKELY = 0.5;
/** Of warnings that the verdict tells in its own words. */
const VERDICTS = /\bprobably not (?:in the library|the drawn one)\b/;
const OFFERED = 3;

/** Of the answer on the screen. */
export function SearchedPicture() {
  const current = answer.value;
  return current.state === 'answered' && current.picture !== undefined ? <PictureCard image={current.picture} response={current.response} /> : null;
}

function PictureCard({ image, response: { query, hits, index } }: { readonly image: Blob; readonly response: SearchResponse }) {
  const { reading, chance } = query;
  const [found, setFound] = useState<ReadResponse | undefined>(undefined);
  const [isCropping, setCropping] = useState(false);
  useEffect(() => {
    setFound(undefined);
    setCropping(false);
    if (reading === null) return undefined;
    const controller = new AbortController();
    client.read(image, {}, controller).then(setFound, () => undefined);
    return () => controller.abort();
  }, [image]);
  const warnings = [...new Set([...query.warnings, ...(found?.removed.map((part) => `Set aside: ${part}`) ?? []), ...(found?.warnings ?? [])])].filter((text) => !VERDICTS.test(text));
  const verdict = verdictOf(chance, reading?.confidence);
  const smiles = reading?.smiles ?? undefined;
  return (
    <section class="panel understood by-picture" aria-label="Searched by the picture">
      <h2 class="verdict">{verdict}</h2>
      <p class="quiet small">{chance === null ? '' : `Chance that the first hit is the drawn molecule: ${percent(chance)}, in ${index.name}.`}</p>
      <ul class="offers" aria-label="Is it one of these?">
        {hits.slice(0, OFFERED).map((hit) => (
          <li key={hit.inchiKey}>
            <button type="button" onClick={() => ask({ text: hit.id })} aria-label={`It is ${nameOf(hit)}: search with it`}>
              <Structure smiles={hit.smiles} width={120} height={84} label="" />
              <span>{nameOf(hit)}</span>
            </button>
          </li>
        ))}
      </ul>
      {isCropping
        ? <CropTool image={image} close={() => setCropping(false)} />
        : <Laid image={image} found={found} />}
      {found !== undefined && found.structures.length > 1 && <Several image={image} found={found} />}
      {smiles !== undefined && reading !== null && (
        <div class="read-as">
          <p>Read, sure to {percent(reading.confidence)}:</p>
          <ClickableMolecule smiles={smiles} label={`What was read, sure to ${percent(reading.confidence)}`} />
        </div>
      )}
      {reading !== null && smiles === undefined && <p class="note">What was read is no molecule.</p>}
      {reading === null && <p class="note">No structure was read: the picture was compared as a whole.</p>}
      <ul class="warnings" hidden={warnings.length === 0}>{warnings.map((text) => <li key={text}>{text}</li>)}</ul>
      <div class="line">
        {smiles !== undefined && <button type="button" class="main" onClick={() => ask({ text: smiles })}>Search by this structure</button>}
        {reading !== null && <button type="button" onClick={() => { draft.value = smiles ?? reading.molfile; isDrawing.value = true; }}>Correct in the editor</button>}
        <button type="button" aria-expanded={isCropping} onClick={() => setCropping(!isCropping)}>Crop or turn</button>
        {reading !== null && <Copy text={reading.molfile} label="Copy molfile" />}
      </div>
    </section>
  );
}

function verdictOf(chance: number | null, confidence: number | undefined): string {
  if (chance === null) return 'Is it one of these?';
  if (chance >= LIKELY) return 'Probably the first of these';
  if ((confidence ?? 0) >= LIKELY) return 'Probably not in this library';
  return 'Not sure: compare with your picture';
}

function CropTool({ image, close }: { readonly image: Blob; readonly close: () => void }) {
  return <Lazy load={() => import('./crop.tsx').then(({ Crop }) => () => <Crop image={image} close={close} />)} what="The crop tool" />;
}

/** The picture with what was read on it. */
function Laid({ image, found }: { readonly image: Blob; readonly found: ReadResponse | undefined }) {
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [isShown, setShown] = useState(true);
  const [canShow, setCanShow] = useState(true);
  const laid = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const made = URL.createObjectURL(image);
    setUrl(made);
    setCanShow(true);
    return () => URL.revokeObjectURL(made);
  }, [image]);
  useEffect(() => {
    if (found === undefined) return undefined;
    const overlay = drawReading(found, spoken(found));
    overlay.toggleAttribute('hidden', !isShown);
    laid.current?.append(overlay);
    return () => overlay.remove();
  }, [found, isShown]);
  const doubts = found === undefined ? 0 : doubtsIn(found);
  useEffect(() => {
    if (doubts > 0) legend.current?.replaceChildren(sample());
  }, [doubts]);
  return (
    <figure class="read" style={{ '--ratio': found === undefined ? undefined : String(found.picture.width / found.picture.height) }}>
      <div class="laid" ref={laid}>{url !== undefined && <img src={url} alt="The picture that was searched" hidden={!canShow} onError={() => setCanShow(false)} />}</div>
      {found !== undefined && (
        <figcaption class="line">
          <label><input type="checkbox" checked={isShown} onChange={(event) => setShown(event.currentTarget.checked)} /> Show the reading</label>
          {doubts > 0 && <span class="quiet"><span ref={legend} /> {doubts} doubtful</span>}
        </figcaption>
      )}
    </figure>
  );
}

/** Of several structures one is chosen: it is cut out, and searched as a picture of its own. */
function Several({ image, found }: { readonly image: Blob; readonly found: ReadResponse }) {
  const choose = async (box: ReadResponse['structures'][number]): Promise<void> => ask({ picture: keepPicture(await cut(image, { box, of: found.picture, turns: 0 })) });
  return (
    <div class="several">
      <p>The picture holds {found.structures.length} structures; the largest was read. Search another:</p>
      <div class="line">{found.structures.map((box, i) => <button key={i} type="button" onClick={() => void choose(box)}>Structure {i + 1}{i === 0 && ' (read)'}</button>)}</div>
    </div>
  );
}
