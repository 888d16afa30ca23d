/** What was read of a picture, laid over it: atoms, bonds, and what is doubtful. */
import type { ReadResponse } from '../../src/api/index.ts';
import { percent } from '../answer/words.ts';

type Bond = ReadResponse['bonds'][number];
interface Point { readonly x: number; readonly y: number }

/** As src/search/picture.ts tells doubts. */
const DOUBTFUL = 0.6;
const SVG = 'http://www.w3.org/2000/svg';
const LINES_APART = 0.13;

export function doubtsIn({ atoms, bonds }: ReadResponse): number {
  return [...atoms, ...bonds].filter(isDoubtful).length;
}

export function spoken(found: ReadResponse): string {
  const doubts = doubtsIn(found);
  const places = `${doubts} doubtful ${doubts === 1 ? 'place' : 'places'}`;
  return found.smiles === null ? `What was read is no molecule, ${places}` : `What was read, sure to ${percent(found.confidence)}, ${places}`;
}

export function drawReading({ atoms, bonds, box, picture }: ReadResponse, description: string): SVGElement {
  const overlay = shape('svg', { viewBox: `0 0 ${picture.width} ${picture.height}`, role: 'img', 'aria-label': description, class: 'overlay' });
  const size = typicalLength(atoms, bonds);
  overlay.style.setProperty('--bond', String(size / picture.width));
  overlay.append(shape('rect', { class: 'box', x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }));
  for (const bond of bonds) {
    const [from, to] = [atoms[bond.begin], atoms[bond.end]];
    if (from !== undefined && to !== undefined) overlay.append(drawBond(bond, from, to, size));
  }
  for (const [i, atom] of atoms.entries()) {
    const doubtful = isDoubtful(atom);
    const name = `${atom.label}${chargeText(atom.charge)}`;
    const group = shape('g', { class: doubtful ? 'atom doubtful' : 'atom' });
    group.append(shape('circle', { cx: atom.x, cy: atom.y, r: size * (doubtful ? 0.34 : 0.09) }));
    if (name !== 'C') group.append(labelText(name, besideAtom(i, atoms, bonds, size), size));
    if (doubtful) group.append(tip(`${name}: sure to ${percent(atom.confidence)}`));
    overlay.append(group);
  }
  return overlay;
}

/** As many lines as its order says; wedges and hashes widen away from their narrow end. */
function drawBond(bond: Bond, from: Point, to: Point, size: number): SVGElement {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const at = (along: number, aside: number): string => `${round(from.x + dx * along - (dy / length) * aside)} ${round(from.y + dy * along + (dx / length) * aside)}`;
  const group = shape('g', { class: isDoubtful(bond) ? 'bond doubtful' : 'bond' });
  group.append(shape('path', { d: bondPath(bond, at, size), ...(bond.stereo === 'wedge' ? { class: 'wedge' } : {}) }));
  if (isDoubtful(bond)) group.append(tip(`${bondName(bond)}: sure to ${percent(bond.confidence)}`));
  return group;
}

function bondPath({ order, stereo }: Bond, at: (along: number, aside: number) => string, size: number): string {
  const wide = size * 0.14;
  if (stereo === 'wedge') return `M${at(0, 0)}L${at(1, wide)}L${at(1, -wide)}Z`;
  if (stereo === 'hash') return Array.from({ length: 6 }, (_, i) => (i + 1) / 6).map((along) => `M${at(along, wide * along)}L${at(along, -wide * along)}`).join('');
  if (stereo === 'wavy') return `M${Array.from({ length: 13 }, (_, i) => at(i / 12, i % 2 === 0 ? 0 : (i % 4 === 1 ? wide : -wide) / 2)).join('L')}`;
  const lines = order >= 1 && order <= 3 ? order : 2;
  return Array.from({ length: lines }, (_, i) => (i - (lines - 1) / 2) * LINES_APART * size).map((aside) => `M${at(0, aside)}L${at(1, aside)}`).join('');
}

function bondName({ order, stereo }: Bond): string {
  return stereo === 'none' ? `${['', 'single ', 'double ', 'triple ', 'aromatic '][order] ?? ''}bond` : `${stereo} bond`;
}

function labelText(name: string, { x, y }: Point, size: number): SVGElement {
  const text = shape('text', { x: round(x), y: round(y), 'font-size': round(size * 0.42), 'text-anchor': 'middle', 'dominant-baseline': 'central' });
  text.textContent = name;
  return text;
}

/** Where a label hides neither what is drawn at the atom nor its bonds: away from the neighbours. */
function besideAtom(index: number, atoms: readonly Point[], bonds: readonly Bond[], size: number): Point {
  const { x, y } = atoms[index]!;
  const angles = bonds.filter(({ begin, end }) => begin === index || end === index)
    .map(({ begin, end }) => atoms[begin === index ? end : begin])
    .filter((other) => other !== undefined)
    .map((other) => Math.atan2(other.y - y, other.x - x))
    .sort((a, b) => a - b);
  let [angle, widest] = [-Math.PI / 4, 0];
  for (const [i, start] of angles.entries()) {
    const gap = (angles[i + 1] ?? angles[0]! + 2 * Math.PI) - start;
    if (gap > widest) [angle, widest] = [start + gap / 2, gap];
  }
  return { x: x + Math.cos(angle) * size * 0.52, y: y + Math.sin(angle) * size * 0.52 };
}

/** The middle one of the bonds' lengths: what dots and labels are measured by. */
function typicalLength(atoms: readonly Point[], bonds: readonly Bond[]): number {
  const lengths = bonds.map(({ begin, end }) => Math.hypot((atoms[begin]?.x ?? 0) - (atoms[end]?.x ?? 0), (atoms[begin]?.y ?? 0) - (atoms[end]?.y ?? 0))).sort((a, b) => a - b);
  return lengths[lengths.length >> 1] || 30;
}

/** What a doubtful place looks like, for the legend. */
export function sample(): SVGElement {
  const drawn = shape('svg', { viewBox: '0 0 46 16', width: 46, height: 16, class: 'overlay sample', 'aria-hidden': 'true' });
  const atom = shape('g', { class: 'atom doubtful' });
  atom.append(shape('circle', { cx: 8, cy: 8, r: 6 }));
  const bond = shape('g', { class: 'bond doubtful' });
  bond.append(shape('path', { d: 'M20 8L45 8' }));
  drawn.append(atom, bond);
  return drawn;
}

function isDoubtful({ confidence }: { readonly confidence: number }): boolean {
  return confidence < DOUBTFUL;
}

function chargeText(charge: number): string {
  if (charge === 0) return '';
  return `${Math.abs(charge) === 1 ? '' : Math.abs(charge)}${charge > 0 ? '+' : '\u2212'}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function tip(text: string): SVGElement {
  const title = shape('title', {});
  title.textContent = text;
  return title;
}

