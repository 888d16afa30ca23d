/** Drawn structures: made by the service when they come near the screen, kept for as long as the page is open. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../service/client.ts';
import type { DepictionAsked as Drawing } from '../service/client.ts';
import { theme } from '../shell/theme.ts';

/** Drawings that are kept: about 8 kB each. */
const KEPT = 800;
/** Asked at once; the others wait here, where what has scrolled away costs nothing. */
const AT_ONCE = 6;

const known = new Map<string, Promise<string>>();
const waiting: (() => void)[] = [];
let running = 0;

/** The address of a drawing as a picture. */
function drawn(drawing: Drawing): Promise<string> {
  const key = JSON.stringify(drawing);
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = slot(() => client.depict(drawing)).then((svg) => URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' })));
  known.set(key, made);
  made.catch(() => known.delete(key));
  const [oldest] = known.keys();
  if (known.size > KEPT && oldest !== undefined) {
    void known.get(oldest)?.then((url) => URL.revokeObjectURL(url), () => undefined);
    known.delete(oldest);
  }
  return made;
}

async function slot<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    // The last that was asked for is what is looked at now.
    waiting.pop()?.();
  }
}

interface StructureProps {
  readonly smiles: string;
  readonly width: number;
  readonly height: number;
  /** For a screen reader: a name, never a SMILES. */
  readonly label: string;
  readonly alignTo?: string | undefined;
  readonly marks?: Drawing['marks'];
  readonly class?: string;
  /** Shown where it cannot be drawn. */
  readonly otherwise?: ComponentChildren;
}

export function Structure({ smiles, width, height, label, alignTo, marks, class: className = '', otherwise }: StructureProps) {
  const image = useRef<HTMLImageElement>(null);
  const isNear = useNear(image);
  const [state, setState] = useState<{ url: string } | 'failed' | undefined>(undefined);
  const paper = theme.value;
  const key = JSON.stringify([smiles, width, height, paper, alignTo, marks]);
  useEffect(() => {
    if (!isNear) return undefined;
    let isWanted = true;
    const drawing: Drawing = { smiles, width, height, theme: paper, ...(alignTo === undefined ? {} : { alignTo }), ...(marks === undefined ? {} : { marks: [...marks] }) };
    drawn(drawing).then((url) => isWanted && setState({ url }), () => isWanted && setState('failed'));
    return () => {
      isWanted = false;
    };
  }, [key, isNear]);
  if (state === 'failed' && otherwise !== undefined) return <>{otherwise}</>;
  if (state === 'failed') return <span class={`structure failed ${className}`} role="img" aria-label={label}>No drawing</span>;
  return <img ref={image} class={`structure ${className}`} width={width} height={height} alt={label} {...(state === undefined ? {} : { src: state.url })} />;
}

const PASSING_MS = 120;
let lastScroll = -Infinity;
addEventListener('scroll', () => (lastScroll = performance.now()), { passive: true, capture: true });

/** Whether an element has been near the screen. */
function useNear(target: { readonly current: Element | null }): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (isNear || target.current === null) return undefined;
    let wait: ReturnType<typeof setTimeout> | undefined;
    const observer = new IntersectionObserver((entries) => {
      clearTimeout(wait);
      if (entries.at(-1)?.isIntersecting !== true) return;
      // What only passes by is not drawn.
      if (performance.now() - lastScroll > PASSING_MS) setNear(true);
      else wait = setTimeout(() => setNear(true), PASSING_MS);
    }, { rootMargin: '300px' });
    observer.observe(target.current);
    // Paper shows everything: what was never near as well.
    const all = (): void => setNear(true);
    addEventListener('beforeprint', all);
    return () => {
      clearTimeout(wait);
      observer.disconnect();
      removeEventListener('beforeprint', all);
    };
  }, [isNear]);
  return isNear;
}
