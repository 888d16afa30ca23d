/** Structures as a drawing program makes them, for pictures with one, several, or something beside them. */
import sharp from 'sharp';

export interface Style {
  /** Of a bond, in pixels. */
  readonly bond: number;
  readonly wide: number;
}

const PLAIN: Style = { bond: 36, wide: 2 };
type Point = readonly [x: number, y: number];

function along([x, y]: Point, degrees: number, length: number): Point {
  const turn = (degrees * Math.PI) / 180;
  return [x + length * Math.cos(turn), y + length * Math.sin(turn)];
}

function bond([x0, y0]: Point, [x1, y1]: Point, { wide }: Style): string {
  return `<path d="M${x0} ${y0} L${x1} ${y1}" stroke="black" stroke-width="${wide}" stroke-linecap="round"/>`;
}

export function label([x, y]: Point, text: string, size: number): string {
  return `<text x="${x}" y="${y + 0.35 * size}" font-size="${size}" font-family="sans-serif" text-anchor="middle">${text}</text>`;
}

/** A benzene ring with its inner lines, and its corners. */
function ring(centre: Point, style: Style): { svg: string; corners: Point[] } {
  const at = (i: number, r: number): Point => along(centre, 60 * i + 30, r);
  const sides = Array.from({ length: 6 }, (_, i) => bond(at(i, style.bond), at(i + 1, style.bond), style));
  const end = (i: number, towards: number): Point => along(at(i, 0.8 * style.bond), towards, 0.06 * style.bond);
  const inner = [0, 2, 4].map((i) => bond(end(i, 60 * i + 150), end(i + 1, 60 * i - 30), style));
  return { svg: [...sides, ...inner].join(''), corners: Array.from({ length: 6 }, (_, i) => at(i, style.bond)) };
}

/** 4-hydroxyacetanilide, about 6 bonds wide and 4 high around its centre. */
export function paracetamol(centre: Point, style: Style = PLAIN): string {
  const { svg, corners } = ring(centre, style);
  const size = 0.55 * style.bond;
  const oxygen = along(corners[5]!, -30, style.bond);
  const nitrogen = along(corners[2]!, 150, style.bond);
  const carbonyl = along(nitrogen, 210, style.bond);
  const methyl = along(carbonyl, 150, style.bond);
  const oxo = along(carbonyl, 270, style.bond);
  const shift = 0.08 * style.bond;
  const short = 0.35 * style.bond;
  const double = [-shift, shift].map((aside) => bond([carbonyl[0] + aside, carbonyl[1]], [oxo[0] + aside, oxo[1] + short], style));
  return [
    svg, bond(corners[5]!, along(oxygen, 150, short), style), label(oxygen, 'OH', size),
    bond(corners[2]!, along(nitrogen, -30, short), style), label(nitrogen, 'NH', size), bond(along(nitrogen, 210, short), carbonyl, style),
    bond(carbonyl, methyl, style), ...double, label(oxo, 'O', size),
  ].join('');
}

/** Diphenyl ether with a chain of four. */
export function ether(centre: Point, style: Style = PLAIN): string {
  const oxygen: Point = centre;
  const left = ring(along(along(oxygen, 150, style.bond), 150, style.bond), style);
  const right = ring(along(along(oxygen, 30, style.bond), 30, style.bond), style);
  let at = right.corners[5]!;
  let tail = '';
  for (const turn of [-30, 30, -30, 30]) {
    const next = along(at, turn, style.bond);
    tail += bond(at, next, style);
    at = next;
  }
  const near = (degrees: number): Point => along(oxygen, degrees, 0.3 * style.bond);
  const arms = bond(left.corners[0]!, near(150), style) + bond(right.corners[2]!, near(30), style);
  return left.svg + right.svg + tail + arms + label(oxygen, 'O', 0.55 * style.bond);
}

/** Zig-zag of single bonds. */
export function chain([x, y]: Point, bonds: number, style: Style = PLAIN): string {
  let at: Point = [x, y];
  return Array.from({ length: bonds }, (_, i) => {
    const next = along(at, i % 2 === 0 ? -30 : 30, style.bond);
    const drawn = bond(at, next, style);
    at = next;
    return drawn;
  }).join('');
}

export function benzene(centre: Point, style: Style = PLAIN): string {
  return ring(centre, style).svg;
}

export function arrow([x, y]: Point, length: number): string {
  return `<path d="M${x} ${y} h${length} m-12 -6 l12 6 l-12 6" fill="none" stroke="black" stroke-width="2"/>`;
}

/** On white paper. */
export function draw(content: string, width = 800, height = 400): Promise<Buffer> {
  const paper = '<rect width="100%" height="100%" fill="white"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paper}${content}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
