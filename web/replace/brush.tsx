/** The replacements by their change of logP and TPSA: drag a box over those that are wanted. */
import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { ReplacementResponse } from '../../src/api/index.ts';

type Proposal = ReplacementResponse['proposals'][number];
interface Box { readonly left: number; readonly right: number; readonly low: number; readonly high: number }

const box = signal<Box | undefined>(undefined);
const SIZE = { width: 200, height: 120 };
const LOGP = 4;
const TPSA = 100;

export function inBrush({ deltaLogP, deltaTpsa }: Proposal['evidence']): boolean {
  const chosen = box.value;
  return chosen === undefined || (deltaLogP >= chosen.left && deltaLogP <= chosen.right && deltaTpsa >= chosen.low && deltaTpsa <= chosen.high);
}

export function Brush({ proposals }: { readonly proposals: readonly Proposal[] }) {
  const start = useRef<readonly [number, number] | undefined>(undefined);
  const toX = (logP: number): number => (Math.max(-1, Math.min(1, logP / LOGP)) + 1) * (SIZE.width / 2);
  const toY = (tpsa: number): number => (1 - Math.max(-1, Math.min(1, tpsa / TPSA))) * (SIZE.height / 2);
  const at = (event: PointerEvent & { readonly currentTarget: Element }): readonly [number, number] => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return [(((event.clientX - left) / width) * 2 - 1) * LOGP, (1 - ((event.clientY - top) / height) * 2) * TPSA];
  };
  const chosen = box.value;
  const field = (name: keyof Box, label: string, usual: number) => (
    <label class="small">{label} <input type="number" step={name === 'left' || name === 'right' ? 0.5 : 10} value={Number((chosen?.[name] ?? usual).toFixed(1))} onChange={(event) => (box.value = { left: -LOGP, right: LOGP, low: -TPSA, high: TPSA, ...chosen, [name]: event.currentTarget.valueAsNumber || 0 })} /></label>
  );
  return (
    <details class="brush-box">
      <summary>Change of logP and TPSA{chosen !== undefined && ' (narrowed)'}</summary>
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        width={SIZE.width}
        height={SIZE.height}
        role="img"
        aria-label="Replacements by change of logP (across) and of TPSA (up)"
        onPointerDown={(event) => {
          start.current = at(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const from = start.current;
          if (from === undefined) return;
          const [x, y] = at(event);
          box.value = { left: Math.min(from[0], x), right: Math.max(from[0], x), low: Math.min(from[1], y), high: Math.max(from[1], y) };
        }}
        onPointerUp={() => {
          start.current = undefined;
          if (box.value !== undefined && box.value.right - box.value.left < 0.1) box.value = undefined;
        }}
      >
        <line class="axis" x1={SIZE.width / 2} y1={0} x2={SIZE.width / 2} y2={SIZE.height} />
        <line class="axis" x1={0} y1={SIZE.height / 2} x2={SIZE.width} y2={SIZE.height / 2} />
        {proposals.map(({ evidence, inchiKey }) => <circle key={inchiKey} class={inBrush(evidence) ? 'dot' : 'dot out'} cx={toX(evidence.deltaLogP)} cy={toY(evidence.deltaTpsa)} r={3} />)}
        {chosen !== undefined && <rect class="brush" x={toX(chosen.left)} y={toY(chosen.high)} width={Math.max(0, toX(chosen.right) - toX(chosen.left))} height={Math.max(0, toY(chosen.low) - toY(chosen.high))} />}
        <text class="tick" x={SIZE.width - 2} y={SIZE.height / 2 - 3} text-anchor="end">logP</text>
        <text class="tick" x={SIZE.width / 2 + 3} y={10}>TPSA</text>
      </svg>
      <div class="line">{field('left', 'logP from', -LOGP)}{field('right', 'to', LOGP)}{field('low', 'TPSA from', -TPSA)}{field('high', 'to', TPSA)}{chosen !== undefined && <button type="button" onClick={() => (box.value = undefined)}>All</button>}</div>
    </details>
  );
}
