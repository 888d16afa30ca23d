/** The map of the library, with query and hits on it. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LibraryMap as MapOfLibrary, SearchResponse } from '../../src/api/index.ts';
import { Structure } from '../draw/structure.tsx';
import { messageOf } from '../service/client.ts';
import { libraryMap, placeOf, placesOf } from '../service/libraries.ts';
import type { Place } from '../service/libraries.ts';
import { libraryOf } from '../service/service.ts';
import { theme } from '../shell/theme.ts';
import { answer, brushed } from './answer.ts';
import type { Failure } from './answer.ts';
import { opened } from './detail.tsx';
import { paint } from './map-paint.ts';
import { WHOLE, moved, rankScale, ranksNear, reachOf, zoomed } from './map-view.ts';
import { boxBetween, nearestTo, ranksWithin, scalesOf, spotOf } from './scatter.ts';
import type { Box, Point, Spot } from './scatter.ts';
import { nameOf } from './words.ts';
import './map.css';

interface Found {
  readonly response: SearchResponse;
  readonly map: MapOfLibrary;
  readonly places: readonly Place[];
  readonly query: Place;
}

export function LibraryMap() {
  const [state, setState] = useState<Found | Failure | undefined>(undefined);
  const [tries, setTries] = useState(0);
  const current = answer.value;
  const response = current.state === 'answered' ? current.response : undefined;
  const hasNone = response !== undefined && libraryOf(response.index.name)?.hasMap === false;
  useEffect(() => {
    if (response === undefined || hasNone) return undefined;
    const controller = new AbortController();
    find(response, controller.signal).then(setState, (thrown: unknown) => {
      if (!controller.signal.aborted) setState(messageOf(thrown));
    });
    return () => controller.abort();
  }, [response, hasNone, tries]);
  if (response === undefined) return null;
  if (hasNone) return <NoMap />;
  if (state === undefined) return <p class="panel quiet" role="status">Loading the map …</p>;
  if ('title' in state) return state.code === 'MAP_MISSING' ? <NoMap /> : <Failed failure={state} again={() => { setState(undefined); setTries(tries + 1); }} />;
  // The answer before it, until the places of this one are known: it must not be taken for this one.
  if (state.response !== response) return <p class="panel quiet" role="status">Looking for the places of the candidates …</p>;
  return <Drawn key={response.index.generation} found={state} />;
}

async function find(response: SearchResponse, signal: AbortSignal): Promise<Found> {
  const { index: { name, generation }, hits, query: { smiles } } = response;
  const [map, places, query] = await Promise.all([
    libraryMap(name, generation),
    placesOf(name, hits.map(({ id }) => id), signal),
    // A query that cannot be placed takes nothing from its hits.
    smiles === null ? null : placeOf(name, smiles, signal).catch(() => null),
  ]);
  return { response, map, places, query };
}

function NoMap() {
  return (
    <section class="panel" aria-label="Map of the library">
      <h2>This library has no map</h2>
      <p>It was made without one. Whoever keeps the library gets one by making it again with <code>isolens index</code>, without the option <code>--no-map</code>.</p>
    </section>
  );
}

function Failed({ failure, again }: { readonly failure: Failure; readonly again: () => void }) {
  return (
    <section class="panel" role="alert">
      <h2>{failure.title}</h2>
      <p>{failure.detail}</p>
      <button type="button" class="main" onClick={again}>Try again</button>
    </section>
  );
}

const MOST_PX = 600;
const ZOOM_STEP = 1.5;
const PAN_SHARE = 0.15;

function Drawn({ found: { response, map, places, query } }: { readonly found: Found }) {
  const plot = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useWidth(plot);
  const [view, setView] = useState(WHOLE);
  const [box, setBox] = useState<Box | undefined>(undefined);
  const [near, setNear] = useState<number | undefined>(undefined);
  const [moves, setMoves] = useState(false);
  const drag = useRef<{ readonly from: Spot; readonly view: Box; readonly isMove: boolean } | undefined>(undefined);
  const { hits } = response;
  const points = places.flatMap((place, rank): Point[] => (place === null || hits[rank]!.isQuery ? [] : [{ rank, x: place[0], y: place[1] }]));
  const scales = scalesOf({ width: size, height: size, margin: { left: 0, right: 0, top: 0, bottom: 0 } }, view);
  const zoom = (WHOLE.right - WHOLE.left) / (view.right - view.left);
  const paper = theme.value;
  const chosen = brushed.value;
  useEffect(() => setBox(undefined), [response]);
  // Everything is shown again: by a button elsewhere as well.
  useEffect(() => {
    if (chosen === undefined) setBox(undefined);
  }, [chosen]);
  useEffect(() => {
    if (size > 0) paint(canvas.current!, { map, hits: points, chosen, query, scales, size, zoom, theme: paper });
  }, [response, map, places, query, view, size, paper, chosen]);

  const choose = (ranks: ReadonlySet<number> | undefined, within?: Box): void => {
    brushed.value = ranks;
    setBox(within);
  };
  const spot = (event: PointerEvent | WheelEvent): Spot => spotOf(event, canvas.current!, size);
  const dragTo = (at: Spot, isEnd: boolean): void => {
    const started = drag.current!;
    const across = (view.right - view.left) / size;
    if (started.isMove) {
      setView(moved(started.view, (started.from[0] - at[0]) * across, (at[1] - started.from[1]) * across));
      return;
    }
    const drawn = boxBetween(started.from, at, scales);
    if (drawn !== undefined) choose(ranksWithin(points, drawn), drawn);
    else if (isEnd) {
      const hit = nearestTo(at, points, scales);
      if (hit === undefined) choose(undefined);
      else opened.value = hits[hit];
    }
  };
  const walk = (event: KeyboardEvent): void => {
    const step = (view.right - view.left) * PAN_SHARE;
    const next = {
      ArrowLeft: () => moved(view, -step, 0), ArrowRight: () => moved(view, step, 0), ArrowUp: () => moved(view, 0, step), ArrowDown: () => moved(view, 0, -step),
      '+': () => zoomed(view, 1 / ZOOM_STEP), '=': () => zoomed(view, 1 / ZOOM_STEP), '-': () => zoomed(view, ZOOM_STEP), '0': () => WHOLE,
    }[event.key];
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setView(next());
  };
  const hovered = near === undefined ? undefined : hits[near];
  const nearQuery = query === null ? undefined : ranksNear(points, query, reachOf(map, query));
  const nameless = places.filter((place) => place === null).length;
  return (
    <section class="panel library-map" aria-label="Map of the library">
      <div class="map-plot" ref={plot} tabIndex={0} role="group" aria-label="The map: arrow keys move it, plus and minus change how near it is, 0 shows the whole" onKeyDown={walk}>
        <canvas ref={canvas} role="img" aria-label={describe(map, points.length, query)} />
        <svg
          viewBox={`0 0 ${size || 1} ${size || 1}`}
          class={moves ? 'moves' : undefined}
          aria-hidden="true"
          onPointerDown={(event) => {
            drag.current = { from: spot(event), view, isMove: moves || event.shiftKey };
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            if (drag.current === undefined) setNear(nearestTo(spot(event), points, scales));
            else dragTo(spot(event), false);
          }}
          onPointerUp={(event) => {
            if (drag.current !== undefined) dragTo(spot(event), true);
            drag.current = undefined;
          }}
          onPointerCancel={() => (drag.current = undefined)}
          onPointerLeave={() => setNear(undefined)}
          onWheel={(event) => {
            // Nothing is farther than the whole: the page scrolls on.
            if (event.deltaY > 0 && zoom <= 1) return;
            event.preventDefault();
            const [x, y] = spot(event);
            setView(zoomed(view, event.deltaY > 0 ? 1.2 : 1 / 1.2, scales.fromX(x), scales.fromY(y)));
          }}
        >
          {box !== undefined && <rect class="brush" x={scales.toX(box.left)} y={scales.toY(box.high)} width={scales.toX(box.right) - scales.toX(box.left)} height={scales.toY(box.low) - scales.toY(box.high)} />}
          {near !== undefined && <Under at={points.find(({ rank }) => rank === near)} toX={scales.toX} toY={scales.toY} />}
        </svg>
        {hovered !== undefined && <div class="hover panel"><Structure smiles={hovered.smiles} width={150} height={100} label="" /><strong>{nameOf(hovered)}</strong><span class="quiet">rank {near! + 1}</span></div>}
      </div>
      <div class="map-side">
        <div class="line" role="group" aria-label="Choose candidates">
          {nearQuery !== undefined && <button type="button" disabled={nearQuery.size === 0} onClick={() => choose(nearQuery)}>Only the hits near the query ({nearQuery.size})</button>}
          <button type="button" disabled={zoom <= 1} onClick={() => choose(ranksWithin(points, view), view)}>Only the hits in view</button>
          <button type="button" disabled={chosen === undefined} onClick={() => choose(undefined)}>Show all</button>
        </div>
        <div class="line" role="group" aria-label="Zoom and move">
          <button type="button" aria-label="Nearer" onClick={() => setView(zoomed(view, 1 / ZOOM_STEP))}>+</button>
          <button type="button" aria-label="Farther" disabled={zoom <= 1} onClick={() => setView(zoomed(view, ZOOM_STEP))}>−</button>
          {query !== null && <button type="button" onClick={() => setView(zoomed({ left: query[0] - 0.5, right: query[0] + 0.5, low: query[1] - 0.5, high: query[1] + 0.5 }, 0.25))}>Go to the query</button>}
          <button type="button" disabled={zoom <= 1} onClick={() => setView(WHOLE)}>Whole map</button>
          <button type="button" aria-pressed={moves} onClick={() => setMoves(!moves)}>Drag moves the map</button>
        </div>
        <Legend count={points.length} last={hits.length} hasQuery={query !== null} />
        <div class="small map-words">
          <p>Near on this map is near to the model: of the ten nearest neighbours of a molecule, {Math.round(100 * map.neighbourShare)} % are near it here. What is far apart says little.</p>
          {map.sampled < map.count && <p class="quiet">{map.sampled.toLocaleString('en')} of {map.count.toLocaleString('en')} molecules are drawn.</p>}
          {query === null && <p class="quiet">{response.query.smiles === null ? 'The picture was searched as a whole: without a molecule it has no place of its own here.' : 'The query could not be placed on the map.'}</p>}
          {nameless > 0 && <p class="quiet">{nameless === 1 ? 'One candidate has' : `${nameless.toLocaleString('en')} candidates have`} no place on the map.</p>}
          <p class="quiet">{moves ? 'Drag moves the map.' : 'Drag over hits to show those alone; with Shift, to move the map.'} The wheel zooms. A click opens a hit.</p>
        </div>
      </div>
    </section>
  );
}

function describe({ count }: MapOfLibrary, hits: number, query: Place): string {
  return `Map of ${count.toLocaleString('en')} molecules with ${hits.toLocaleString('en')} candidates${query === null ? '' : ' and the query'} on it`;
}

/** The hit that is spoken of. */
function Under({ at, toX, toY }: { readonly at: Point | undefined; readonly toX: (x: number) => number; readonly toY: (y: number) => number }) {
  return at === undefined ? null : <circle class="under" cx={toX(at.x)} cy={toY(at.y)} r={9} />;
}

function Legend({ count, last, hasQuery }: { readonly count: number; readonly last: number; readonly hasQuery: boolean }) {
  return (
    <dl class="legend small">
      <div><dt><span class="ranks" style={{ background: rankScale(theme.value) }} /></dt><dd>{count === 0 ? 'no hits' : `hits, from rank 1 to ${last.toLocaleString('en')}; the first are larger`}</dd></div>
      {hasQuery && <div><dt><span class="ring" /></dt><dd>the query</dd></div>}
      <div><dt><span class="others" /></dt><dd>the library</dd></div>
    </dl>
  );
}

/** Pixels of the square. */
function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => setWidth(Math.min(MOST_PX, Math.floor(element.current?.clientWidth ?? 0)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return width;
}
