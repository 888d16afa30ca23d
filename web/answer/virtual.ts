/** Rows of the window that are near the screen: thousands cost as much as what is seen. */
import { Virtualizer, observeWindowOffset, observeWindowRect, windowScroll } from '@tanstack/virtual-core';
import type { VirtualItem } from '@tanstack/virtual-core';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualRows {
  readonly rows: readonly VirtualItem[];
  /** Pixels of all rows. */
  readonly height: number;
  readonly scrollTo: (row: number) => void;
}

export function useVirtualRows(count: number, rowHeight: number, list: { readonly current: HTMLElement | null }): VirtualRows {
  const [, redraw] = useState(0);
  const held = useRef<Virtualizer<Window, Element>>(undefined);
  const offset = list.current === null ? 0 : list.current.getBoundingClientRect().top + scrollY;
  const options = {
    count,
    getScrollElement: (): Window => window,
    estimateSize: () => rowHeight,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    overscan: 3,
    scrollMargin: offset,
    initialOffset: () => scrollY,
    initialRect: { width: innerWidth, height: innerHeight },
    onChange: () => redraw((n) => n + 1),
  };
  const virtualizer = (held.current ??= new Virtualizer<Window, Element>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  useLayoutEffect(() => virtualizer.measure(), [rowHeight, Math.round(offset)]);
  return {
    rows: virtualizer.getVirtualItems().map((item) => ({ ...item, start: item.start - offset })),
    height: virtualizer.getTotalSize(),
    scrollTo: (row) => virtualizer.scrollToIndex(row, { align: 'auto' }),
  };
}

