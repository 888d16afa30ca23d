/** Candidates as cards. Arrow keys walk over them, Enter opens one, s puts it into the basket. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { toggle } from '../basket/basket.ts';
import { shown } from './answer.ts';
import { CARD_HEIGHT, Card } from './card.tsx';
import { useVirtualRows } from './virtual.ts';

const GAP = 14;
const CARD_WIDTH = 296;

export function Grid() {
  const list = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(1);
  const [at, setAt] = useState(0);
  const wanted = useRef<number | undefined>(undefined);
  const hits = shown.value;
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const measure = (): void => setColumns(Math.max(1, Math.floor((element.clientWidth + GAP) / (CARD_WIDTH + GAP))));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const { rows, height, scrollTo } = useVirtualRows(Math.ceil(hits.length / columns), CARD_HEIGHT + GAP, list);
  const current = Math.min(at, Math.max(0, hits.length - 1));
  useEffect(() => setAt(0), [hits]);
  // The card may be made only once it was scrolled to.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const card = list.current?.querySelector<HTMLElement>(`[data-position="${wanted.current}"] .drawings`);
    if (card === null || card === undefined) return;
    card.focus({ preventScroll: false });
    wanted.current = undefined;
  });
  const walk = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined) {
      const next = Math.max(0, Math.min(hits.length - 1, current + step));
      event.preventDefault();
      wanted.current = next;
      setAt(next);
      scrollTo(Math.floor(next / columns));
    } else if (event.key === 's' && !event.ctrlKey && !event.metaKey) {
      const hit = hits[current]?.hit;
      if (hit !== undefined) toggle(hit);
    }
  };
  return (
    <div
      ref={list}
      class="hits"
      role="list"
      aria-label="Candidates"
      style={{ height: `${height}px` }}
      onKeyDown={walk}
      onFocusIn={(event) => {
        const position = (event.target as HTMLElement).closest<HTMLElement>('[data-position]')?.dataset['position'];
        if (position !== undefined) setAt(Number(position));
      }}
    >
      {rows.map(({ index, start }) => (
        <div key={index} role="none" class="row" style={{ transform: `translateY(${start}px)`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
          <div role="none">
            {hits.slice(index * columns, (index + 1) * columns).map((one, i) => {
              const position = index * columns + i;
              return <Card key={one.hit.inchiKey} shown={one} position={position} count={hits.length} focused={position === current} />;
            })}
          </div>
        </div>
      ))}
    </div>
  );
}
