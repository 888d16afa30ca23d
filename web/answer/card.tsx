/** One candidate: query and hit in one orientation, what differs marked, and one sentence. */
import type { Hit } from '../../src/api/index.ts';
import { Structure } from '../draw/structure.tsx';
import { ask } from '../shell/address.ts';
import { inBasket, toggle } from '../basket/basket.ts';
import { queryOf } from './answer.ts';
import type { ShownHit } from './answer.ts';
import { opened } from './detail.tsx';
import { HitLink } from './link.tsx';
import { ScoreBar } from './score.tsx';
import { deltasOf, nameOf, sentenceOf } from './words.ts';

export const CARD_HEIGHT = 348;

export function Card({ shown: { hit, rank }, position, count, focused }: { readonly shown: ShownHit; readonly position: number; readonly count: number; readonly focused: boolean }) {
  const name = nameOf(hit);
  const query = queryOf();
  const isPair = query !== undefined && !hit.isQuery;
  const lost = hit.reason?.lost ?? [];
  const added = hit.reason?.added ?? [];
  const chosen = inBasket(hit);
  return (
    <div class="card" role="listitem" aria-setsize={count} aria-posinset={position + 1} data-position={position} data-rank={rank}>
      <button type="button" class="drawings" tabIndex={focused ? 0 : -1} aria-label={`${name}, rank ${rank + 1}. ${sentenceOf(hit)} Open`} onClick={() => (opened.value = hit)}>
        {isPair && <Structure class="side" smiles={query} width={150} height={130} label="" marks={lost.length > 0 ? [{ atoms: lost, as: 'lost' }] : undefined} />}
        {isPair && <span class="arrow" aria-hidden="true">→</span>}
        <Structure smiles={hit.smiles} width={isPair ? 170 : 300} height={130} label="" alignTo={isPair ? query : undefined} marks={added.length > 0 ? [{ atoms: added, as: 'new' }] : undefined} />
      </button>
      <div class="title">
        <span class="rank">{rank + 1}</span>
        <h3 title={name}>{name}</h3>
        {hit.isQuery && <span class="tag">the query itself</span>}
        <HitLink hit={hit} />
      </div>
      <ScoreBar hit={hit} />
      <p class="sentence" title={sentenceOf(hit)}>{sentenceOf(hit)}</p>
      <Chips hit={hit} />
      <div class="actions">
        <button type="button" tabIndex={focused ? 0 : -1} aria-pressed={chosen} onClick={() => toggle(hit)}>{chosen ? 'In basket' : 'To basket'}</button>
        <button type="button" tabIndex={focused ? 0 : -1} onClick={() => ask({ text: hit.id })}>Search with this</button>
      </div>
    </div>
  );
}

export function Chips({ hit }: { readonly hit: Hit }) {
  const { alerts } = hit;
  return (
    <p class="chips">
      {deltasOf(hit).map(({ label, text, own }) => <span key={label} class="chip" title={own === '' ? label : `${label}: ${own}`}><span class="quiet">{label}</span> {text}</span>)}
      {alerts.length > 0 && <span class="chip alert" title={alerts.map(({ name, source }) => `${name} (${source})`).join(', ')}>⚠ {alerts[0]!.name}{alerts.length > 1 && ` +${alerts.length - 1}`}</span>}
    </p>
  );
}
