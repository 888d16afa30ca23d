/** Pictures that are no structure drawings, made on the spot. Nothing here is random: a seed gives the same picture. */
import { draw as render } from './structures.ts';

type Draw = (width: number, height: number) => string;

const FONTS = ['sans-serif', 'serif', 'monospace'] as const;
const WORDS = `the compound was dissolved in dry toluene and heated under reflux for six hours while water was removed the mixture
was cooled to room temperature filtered and evaporated yields are given for isolated products after chromatography`.split(/\s+/);

/** Numbers in [0, 1) that a seed decides. */
function numbers(seed: number): () => number {
  let state = seed * 2654435761 + 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const path = (d: string, wide = 2): string => `<path d="${d}" fill="none" stroke="black" stroke-width="${wide}"/>`;
const box = (x: number, y: number, wide: number, high: number, more = ''): string =>
  `<rect x="${x}" y="${y}" width="${wide}" height="${high}" ${more}/>`;
const disc = (x: number, y: number, r: number, more = ''): string => `<circle cx="${x}" cy="${y}" r="${r}" ${more}/>`;
const oval = (x: number, y: number, rx: number, ry: number, more = ''): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" ${more}/>`;
const HOLLOW = 'fill="none" stroke="black" stroke-width="2"';
const text = (x: number, y: number, size: number, font: string, content: string, more = ''): string =>
  `<text x="${x}" y="${y}" font-size="${size}" font-family="${font}" ${more}>${content}</text>`;
const curve = (points: number, at: (t: number) => readonly [number, number], wide = 2): string =>
  path(`M${Array.from({ length: points + 1 }, (_, i) => at(i / points).map((v) => v.toFixed(2)).join(' ')).join(' L')}`, wide);

function words(count: number, seed: number): string {
  const next = numbers(seed);
  return Array.from({ length: count }, () => WORDS[Math.floor(next() * WORDS.length)]).join(' ');
}

const paragraph = (font: string, size: number, seed: number): Draw => (width, height) => {
  const lines = Math.floor((height - 20) / (1.4 * size));
  const count = Math.round(width / size / 3.2);
  return Array.from({ length: lines }, (_, i) => text(10, 10 + (i + 1) * 1.4 * size, size, font, words(count, seed + i))).join('');
};

const axes = (width: number, height: number): string => path(`M50 20 V${height - 40} H${width - 20}`);

const ticks: Draw = (width, height) => Array.from({ length: 6 }, (_, i) => {
  const x = 50 + (i * (width - 80)) / 5;
  const y = height - 40 - (i * (height - 70)) / 5;
  const numbered = text(x - 8, height - 18, 14, 'sans-serif', `${i * 20}`) + text(18, y + 5, 14, 'sans-serif', `${i * 5}`);
  return path(`M${x} ${height - 40} v6 M50 ${y} h-6`) + numbered;
}).join('');

const chart = (at: (t: number) => number, wide = 2): Draw => (width, height) =>
  axes(width, height) + ticks(width, height) + curve(120, (t) => [50 + t * (width - 80), height - 40 - at(t) * (height - 80)], wide);

const bars = (seed: number): Draw => (width, height) => {
  const next = numbers(seed);
  const filled = seed % 2 === 0 ? '' : HOLLOW;
  const columns = Array.from({ length: 7 }, (_, i) => {
    const tall = (0.2 + 0.7 * next()) * (height - 80);
    return box(65 + (i * (width - 100)) / 7, height - 40 - tall, (width - 100) / 14, tall, filled);
  });
  return axes(width, height) + ticks(width, height) + columns.join('');
};

const scatter = (seed: number): Draw => (width, height) => {
  const next = numbers(seed);
  const points = Array.from({ length: 40 }, () => disc(60 + next() * (width - 90), 25 + next() * (height - 80), 4));
  return axes(width, height) + ticks(width, height) + points.join('');
};

const table = (rows: number, columns: number, grid: boolean): Draw => (width, height) => {
  const [high, wide] = [(height - 20) / rows, (width - 20) / columns];
  const cells = ['R', 'H', 'CH3', 'OMe', 'Cl', 'Et', 'IC50', '12.4', '3a', '0.8', '&gt;100', 'NO2'];
  const out: string[] = [];
  for (let r = 0; r <= rows; r++) if (grid || r < 2 || r === rows) out.push(path(`M10 ${10 + r * high} H${width - 10}`));
  for (let c = 0; c <= columns && grid; c++) out.push(path(`M${10 + c * wide} 10 V${height - 10}`));
  const filled = Array.from({ length: rows * columns }, (_, i) => {
    const [r, c] = [Math.floor(i / columns), i % columns];
    return text(20 + c * wide, 10 + (r + 0.65) * high, 16, 'sans-serif', cells[(r * 5 + c * 3) % cells.length]!);
  });
  return [...out, ...filled].join('');
};

const barcode = (seed: number): Draw => (width, height) => {
  const next = numbers(seed);
  const out: string[] = [];
  for (let x = 20; x < width - 20; x += 4 + Math.floor(next() * 3) * 3) out.push(box(x, 20, 2 + Math.floor(next() * 3), height - 60));
  return out.join('') + text(30, height - 14, 20, 'monospace', '4 006381 333931');
};

const matrixCode = (seed: number): Draw => (width, height) => {
  const next = numbers(seed);
  const side = Math.min(width, height) / 25;
  const cells = Array.from({ length: 441 }, (_, i) => [(2 + (i % 21)) * side, (2 + Math.floor(i / 21)) * side] as const);
  return cells.map(([x, y]) => (next() < 0.4 ? box(x, y, side, side) : '')).join('');
};

/** Wobbly closed outlines inside each other, as land on a map. */
const map = (seed: number): Draw => (width, height) => {
  const next = numbers(seed);
  return Array.from({ length: 5 }, (_, ring) => {
    const phases = [next() * 6, next() * 6, next() * 6];
    const at = (t: number): readonly [number, number] => {
      const angle = 2 * Math.PI * t;
      const wave = (tall: number, count: number, i: number): number => tall * Math.sin(count * angle + phases[i]!);
      const r = (1 - ring / 6) * (1 + wave(0.15, 3, 0) + wave(0.08, 7, 1) + wave(0.04, 17, 2));
      return [width / 2 + 0.38 * width * r * Math.cos(angle), height / 2 + 0.38 * height * r * Math.sin(angle)];
    };
    return curve(200, at, 2);
  }).join('');
};

/** Loops along a line, as in handwriting. */
const scribble = (seed: number, lines: number): Draw => (width, height) => {
  const next = numbers(seed);
  return Array.from({ length: lines }, (_, i) => {
    const [phase, loops, tall] = [next() * 6, 10 + next() * 10, (height / lines) * (0.2 + 0.15 * next())];
    const middle = ((i + 0.5) * height) / lines;
    return curve(500, (t) => {
      const turn = 2 * Math.PI * loops * t;
      return [20 + t * (width - 60) + 12 * Math.sin(turn + phase), middle + tall * Math.sin(turn) * (0.6 + 0.4 * Math.sin(9 * t + phase))];
    }, 3);
  }).join('');
};

const logo = (font: string, name: string, frame: 'ellipse' | 'round' | 'bar' | 'none'): Draw => (width, height) => {
  const around = {
    ellipse: oval(width / 2, height / 2, width / 2 - 15, height / 2 - 15, 'fill="none" stroke="#004a9f" stroke-width="6"'),
    round: box(15, 15, width - 30, height - 30, 'rx="40" fill="none" stroke="#9f2000" stroke-width="8"'),
    bar: box(20, height * 0.72, width - 40, 14, 'fill="#208040"'),
    none: '',
  }[frame];
  return around + text(width / 2, height / 2 + 18, width / (0.72 * name.length + 2), font, name, 'text-anchor="middle" fill="#004a9f"');
};

const letter = (font: string, one: string): Draw => (width, height) =>
  text(width / 2, height * 0.8, height * 0.8, font, one, 'text-anchor="middle"');
const circles = (count: number): Draw => (width, height) => Array.from({ length: count }, (_, i) =>
  disc(width * (0.3 + 0.4 * (i / Math.max(1, count - 1))), height / 2, height * 0.3, HOLLOW)).join('');
const spiral: Draw = (width, height) =>
  curve(400, (t) => [width / 2 + 0.42 * width * t * Math.cos(25 * t), height / 2 + 0.42 * height * t * Math.sin(25 * t)], 3);
const flow: Draw = (width, height) => Array.from({ length: 4 }, (_, i) => {
  const y = 15 + (i * (height - 30)) / 4;
  return box(width / 2 - 110, y, 220, height / 7, HOLLOW)
    + text(width / 2 - 60, y + height / 11, 18, 'sans-serif', WORDS.slice(i * 3, i * 3 + 2).join(' '))
    + (i < 3 ? path(`M${width / 2} ${y + height / 7} v${height / 4 - height / 7 - 8}`) : '');
}).join('');
const notes: Draw = (width, height) => Array.from({ length: 5 }, (_, i) => path(`M20 ${height / 2 - 40 + 20 * i} H${width - 20}`)).join('')
  + Array.from({ length: 8 }, (_, i) => {
    const [x, y] = [60 + i * 60, height / 2 + 30 - 10 * ((i * 3) % 7)];
    return oval(x, y, 11, 8) + path(`M${x + 11} ${y} v-60`);
  }).join('');
/** Narrow lines at several places. */
const peaks = (t: number): number =>
  [0.15, 0.32, 0.36, 0.6, 0.83].reduce((sum, at, i) => sum + (0.3 + 0.13 * i) / (1 + ((t - at) * 160) ** 2), 0.02);
const tables = (grid: boolean): Negative[] => [[6, 4], [10, 5], [4, 3], [14, 6]].map(([rows, columns]) =>
  of(`a table ${rows} x ${columns}${grid ? ' with a grid' : ''}`, table(rows!, columns!, grid), 600, 40 * rows!));

export interface Negative {
  readonly name: string;
  readonly png: Promise<Buffer>;
}

const of = (name: string, draw: Draw, width = 600, height = 400): Negative => ({ name, png: render(draw(width, height), width, height) });

/** What must never be answered. */
export function hopeless(): Negative[] {
  const dot = (r: number): Draw => (w, h) => disc(w / 2, h / 2, r);
  return [
    ...[2, 4, 8, 20, 60].map((r) => of(`a dot of radius ${r}`, dot(r), 300, 300)),
    of('a filled square', () => box(100, 100, 60, 60), 300, 300),
    of('a level line', () => path('M50 200 H550')),
    of('an upright line', () => path('M300 20 V380', 4)),
    of('a slanting line', () => path('M50 40 L550 370', 3)),
    of('a thick bar', () => path('M50 200 H550', 14)),
    of('a short line', () => path('M280 200 L310 180'), 600, 400),
    of('two dots', (w, h) => disc(w / 3, h / 2, 9) + disc(w / 1.5, h / 2, 9), 300, 300),
  ];
}

/** What is to be refused, or answered with a warning. */
export function negatives(): Negative[] {
  return [
    ...FONTS.flatMap((font) => [12, 18, 28].map((size, i) => of(`a paragraph, ${font} ${size}`, paragraph(font, size, i), 600, 300))),
    ...FONTS.map((font) => of(`a page, ${font}`, paragraph(font, 15, 40), 800, 1100)),
    ...FONTS.map((font) => of(`one line of text, ${font}`, (w, h) => text(20, h / 2, 26, font, words(6, 3)), 600, 80)),
    ...FONTS.map((font) => of(`one word, ${font}`, (w, h) => text(20, h * 0.7, 90, font, 'Reagent'), 500, 140)),
    of('a sine curve', (w, h) => curve(200, (t) => [20 + t * (w - 40), h / 2 + 0.35 * h * Math.sin(4 * Math.PI * t)])),
    of('a long sine curve', (w, h) => curve(600, (t) => [20 + t * (w - 40), h / 2 + 0.2 * h * Math.sin(16 * Math.PI * t)], 3)),
    of('a parabola', (w, h) => curve(100, (t) => [20 + t * (w - 40), h - 20 - 4 * (h - 40) * (t - 0.5) ** 2])),
    of('a chart: sigmoid', chart((t) => 1 / (1 + Math.exp(-10 * (t - 0.5))))),
    of('a chart: sigmoid, thick', chart((t) => 1 / (1 + Math.exp(-10 * (t - 0.5))), 5)),
    of('a chart: decay', chart((t) => Math.exp(-4 * t))),
    of('a chart: sine', chart((t) => 0.5 + 0.45 * Math.sin(12 * t))),
    of('a chart: straight line', chart((t) => 0.1 + 0.8 * t)),
    of('a spectrum', chart(peaks), 800, 400),
    of('a chart, small', chart((t) => t * t), 300, 220),
    ...[1, 2, 3].map((seed) => of(`a bar chart ${seed}`, bars(seed))),
    ...[1, 2].map((seed) => of(`a scatter plot ${seed}`, scatter(seed))),
    ...tables(true), ...tables(false),
    ...[1, 2].map((seed) => of(`a bar code ${seed}`, barcode(seed), 500, 240)),
    ...[1, 2].map((seed) => of(`a matrix code ${seed}`, matrixCode(seed), 400, 400)),
    ...[1, 2, 3].map((seed) => of(`a map ${seed}`, map(seed), 600, 500)),
    ...[1, 2, 3, 4].map((seed) => of(`handwriting ${seed}`, scribble(seed, seed), 700, 90 + 90 * seed)),
    of('a logo in an ellipse', logo('sans-serif', 'ACME Pharma', 'ellipse'), 500, 200),
    of('a logo in a frame', logo('serif', 'Nordlicht', 'round'), 500, 220),
    of('a logo over a bar', logo('sans-serif', 'BIOTEK', 'bar'), 400, 200),
    of('a logo of letters', logo('serif', 'Helix &amp; Co', 'none'), 500, 160),
    ...['A', 'R', 'S', 'g', '8', 'N'].map((one, i) => of(`the letter ${one}`, letter(FONTS[i % 3]!, one), 300, 300)),
    of('a circle', circles(1), 400, 400),
    of('three circles', circles(3)),
    of('a spiral', spiral, 400, 400),
    of('a flow chart', flow, 500, 600),
    of('notes', notes, 600, 300),
  ];
}
