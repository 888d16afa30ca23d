/** The plane of what looks alike on paper against what is alike to the model: its upper left corner is where bioisosteres are. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { theme } from '../shell/theme.ts';
import { Structure } from '../draw/structure.tsx';
import { answer, brushed } from './answer.ts';
import { LEAST_COUNTED, useBands } from './bands.ts';
import { opened } from './detail.tsx';
import { boxBetween, cleared, colourOf, nearestTo, ranksWithin, scalesOf, spotOf } from './scatter.ts';
import type { Box, Spot } from './scatter.ts';
import { nameOf } from './words.ts';

const WIDTH = 640;
const HEIGHT = 420;
const FRAME = { width: WIDTH, height: HEIGHT, margin: { left: 48, right: 12, top: 12, bottom: 40 } };
/** Of the embedding similarity: of less, differences would look larger than they are. */
const LEAST_RANGE = 0.05;
/** Unlike on paper, alike to the model. */
const CORNER = { tanimoto: 0.35 };

export function Plane() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [box, setBox] = useState<Box | undefined>(undefined);
  const [near, setNear] = useState<number | undefined>(undefined);
  const start = useRef<Spot | undefined>(undefined);
  const current = answer.value;
  const hits = current.state === 'answered' ? current.response.hits : [];
  const points = hits.flatMap(({ tanimoto, cosine, isQuery }, rank) => (tanimoto === null || isQuery ? [] : [{ rank, x: tanimoto, y: cosine }]));
  const cosines = points.map(({ y }) => y);
  const [low, high] = [Math.floor(20 * Math.min(1, ...cosines)) / 20, Math.min(1, Math.ceil(20 * Math.max(0, ...cosines)) / 20)];
  const scales = scalesOf(FRAME, { left: 0, right: 1, low, high: Math.max(high, low + LEAST_RANGE) });
  const { toX, toY } = scales;
  const paper = theme.value;
  const bands = useBands();
  const chosen = brushed.value;
  useEffect(() => setBox(undefined), [current]);
  // Everything is shown again: by a button elsewhere as well.
  useEffect(() => {
    if (chosen === undefined) setBox(undefined);
  }, [chosen]);
  useEffect(() => {
    if (box === undefined) return;
    brushed.value = ranksWithin(points, box);
  }, [box]);
  useEffect(() => {
    const context = canvas.current === null ? undefined : cleared(canvas.current, WIDTH, HEIGHT);
    if (context === undefined) return;
    const [accent, quiet] = [colourOf('--accent'), colourOf('--quiet')];
    for (const { rank, x, y } of points) {
      const isChosen = chosen === undefined || chosen.has(rank);
      context.globalAlpha = isChosen ? 0.8 : 0.2;
      context.fillStyle = isChosen ? accent : quiet;
      context.beginPath();
      context.arc(toX(x), toY(y), points.length > 2000 ? 2 : 4, 0, 2 * Math.PI);
      context.fill();
    }
  }, [current, paper, chosen]);
  const place = (event: PointerEvent): Spot => spotOf(event, canvas.current!, WIDTH);
  const boxTo = (at: Spot): Box | undefined => (start.current === undefined ? undefined : boxBetween(start.current, at, scales));
  if (points.length === 0) return <p class="panel">The plane needs a molecule as the query: a picture that is searched as a whole has no Tanimoto similarity. Search by the structure that was read.</p>;
  const hovered = near === undefined ? undefined : hits[near];
  const corner = Math.max(low, cosines.reduce((sum, one) => sum + one, 0) / cosines.length);
  return (
    <section class="panel plane" aria-label="Plane of similarities">
      <div class="plot">
        <canvas ref={canvas} style={{ width: '100%', aspectRatio: `${WIDTH} / ${HEIGHT}` }} role="img" aria-label={`${points.length} candidates by ECFP4 Tanimoto and embedding similarity; ${points.filter(({ x, y }) => x <= CORNER.tanimoto && y >= corner).length} lie in the corner of bioisosteres`} />
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          onPointerDown={(event) => {
            start.current = place(event);
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            const at = place(event);
            if (start.current === undefined) setNear(nearestTo(at, points, scales));
            else setBox(boxTo(at));
          }}
          onPointerUp={(event) => {
            const at = place(event);
            const found = boxTo(at);
            start.current = undefined;
            setBox(found);
            const hit = found === undefined ? nearestTo(at, points, scales) : undefined;
            if (found === undefined) brushed.value = undefined;
            if (hit !== undefined) opened.value = hits[hit];
          }}
          onPointerLeave={() => setNear(undefined)}
          aria-hidden="true"
        >
          {bands !== undefined && bands.cosine.slice(1).flatMap((top, j) => bands.tanimoto.slice(1).map((right, i) => {
            const bottom = Math.max(bands.cosine[j]!, low);
            const upper = Math.min(top, high);
            const count = bands.pairs[j]![i]!;
            if (upper <= bottom || count < LEAST_COUNTED) return null;
            const share = bands.alike[j]![i]!;
            const [x, width] = [toX(bands.tanimoto[i]!), toX(right) - toX(bands.tanimoto[i]!)];
            return (
              <g key={`${j}.${i}`}>
                <rect class="band" x={x} y={toY(upper)} width={width} height={toY(bottom) - toY(upper)} style={{ fillOpacity: 0.3 * share }} />
                {toY(bottom) - toY(upper) > 26 && <text class="band-label" x={x + width / 2} y={(toY(bottom) + toY(upper)) / 2 + 4} text-anchor="middle">{Math.round(100 * share)} %</text>}
              </g>
            );
          }))}
          <rect class="corner" x={toX(0)} y={toY(high)} width={toX(CORNER.tanimoto) - toX(0)} height={Math.max(0, toY(corner) - toY(high))} />
          <text class="corner-label" x={toX(0) + 8} y={toY(high) + 18}>bioisosteres</text>
          <line class="axis" x1={toX(0)} y1={toY(low)} x2={toX(1)} y2={toY(low)} />
          <line class="axis" x1={toX(0)} y1={toY(low)} x2={toX(0)} y2={toY(high)} />
          {[0, 0.25, 0.5, 0.75, 1].map((x) => <text key={x} class="tick" x={toX(x)} y={toY(low) + 16} text-anchor="middle">{x}</text>)}
          {[low, (low + high) / 2, high].map((y) => <text key={y} class="tick" x={toX(0) - 6} y={toY(y) + 4} text-anchor="end">{y.toFixed(2)}</text>)}
          <text class="tick" x={toX(0.5)} y={HEIGHT - 6} text-anchor="middle">ECFP4 Tanimoto to the query</text>
          <text class="tick" transform={`translate(12 ${toY((low + high) / 2)}) rotate(-90)`} text-anchor="middle">embedding similarity</text>
          {box !== undefined && <rect class="brush" x={toX(box.left)} y={toY(box.high)} width={toX(box.right) - toX(box.left)} height={toY(box.low) - toY(box.high)} />}
        </svg>
        {hovered !== undefined && <div class="hover panel"><Structure smiles={hovered.smiles} width={150} height={100} label="" /><strong>{nameOf(hovered)}</strong></div>}
      </div>
      {bands !== undefined && <p class="small quiet">The shares say how often measured pairs as alike as these acted alike: {bands.pairs.flat().reduce((sum, count) => sum + count, 0).toLocaleString('en')} pairs of assays that the model was not trained on, 1 pair of actives to about 10 others. Bands of fewer than {LEAST_COUNTED} pairs are left out. In a library actives are rarer.</p>}
      <Ranges box={box} bounds={{ left: 0, right: 1, low, high }} corner={{ left: 0, right: CORNER.tanimoto, low: corner, high }} set={setBox} />
    </section>
  );
}

/** The same choice by keyboard. */
function Ranges({ box, bounds, corner, set }: { readonly box: Box | undefined; readonly bounds: Box; readonly corner: Box; readonly set: (box: Box | undefined) => void }) {
  const now = box ?? bounds;
  const field = (name: keyof Box, label: string) => (
    <label class="small">{label} <input type="number" step="0.05" min={name === 'left' || name === 'right' ? 0 : -1} max={1} value={now[name].toFixed(2)} onChange={(event) => set({ ...now, [name]: event.currentTarget.valueAsNumber || 0 })} /></label>
  );
  return (
    <div class="line">
      <button type="button" onClick={() => set(corner)}>Show the corner of bioisosteres</button>
      {field('left', 'Tanimoto from')}{field('right', 'to')}{field('low', 'Embedding from')}{field('high', 'to')}
      {box !== undefined && <button type="button" onClick={() => { set(undefined); brushed.value = undefined; }}>Show all</button>}
    </div>
  );
}
