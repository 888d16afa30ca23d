/** How the activity changed, one dot a matched pair. */
import type { ReplacementResponse } from '../../src/api/index.ts';

type Evidence = ReplacementResponse['proposals'][number]['evidence'];

const WIDTH = 220;
const FOOT = 14;
/** Pixels for dots: more where many pairs changed alike, so that each keeps its own. */
const [LOW, TALL] = [34, 92];
const LEAST_RADIUS = 0.9;
const KEPT = 0.5;

export function Dots({ evidence }: { readonly evidence: Evidence }) {
  const { histogram, deltaActivity, pairs } = evidence;
  if (histogram === null || deltaActivity === null) return <p class="small quiet">Activities known as bounds alone.</p>;
  const { from, width, counts } = histogram;
  const most = Math.max(...counts, 1);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const base = Math.max(LOW, Math.min(TALL, 2 * LEAST_RADIUS * most));
  const height = base + FOOT;
  const radius = Math.max(LEAST_RADIUS, Math.min(2.6, base / (2 * most)));
  // A column higher than the tallest strip: each dot then stands for several pairs.
  const each = Math.max(1, Math.ceil((2 * radius * most) / base - 1e-6));
  const toX = (delta: number): number => ((delta - from) / (width * counts.length)) * WIDTH;
  const label = `Change of activity in ${total} of ${pairs} matched pairs: median ${deltaActivity.quantiles.q50.toFixed(1)} log units, eight of ten between ${deltaActivity.quantiles.q10.toFixed(1)} and ${deltaActivity.quantiles.q90.toFixed(1)}`;
  return (
    <svg class="dots" viewBox={`0 0 ${WIDTH} ${height}`} width={WIDTH} height={height} role="img" aria-label={label}>
      <title>{label}{each > 1 ? `; one dot is ${each} pairs` : ''}</title>
      <rect class="kept" x={toX(-KEPT)} y={0} width={toX(KEPT) - toX(-KEPT)} height={base} />
      <line class="axis" x1={0} y1={base} x2={WIDTH} y2={base} />
      {counts.flatMap((count, bin) => Array.from({ length: Math.ceil(count / each) }, (_, i) => (
        <circle key={`${bin}.${i}`} class={Math.abs(from + (bin + 0.5) * width) < KEPT ? 'dot' : bin * width + from < 0 ? 'dot worse' : 'dot better'} cx={toX(from + (bin + 0.5) * width)} cy={base - radius * (2 * i + 1)} r={radius} />
      )))}
      <text class="tick" x={0} y={height - 2}>weaker</text>
      <text class="tick" x={toX(0)} y={height - 2} text-anchor="middle">{each > 1 ? `1 dot is ${each} pairs` : 'same'}</text>
      <text class="tick" x={WIDTH} y={height - 2} text-anchor="end">stronger</text>
    </svg>
  );
}
