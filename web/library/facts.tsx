/** Facts as a list of terms, and facts of facts as they stand in a card. */
import type { ComponentChildren } from 'preact';
import { keyInWords } from './words.ts';

interface FactProps {
  readonly name: string;
  /** What the name means, in one clause. */
  readonly means?: string;
  readonly children: ComponentChildren;
}

export function Fact({ name, means, children }: FactProps) {
  return (
    <div>
      <dt>{name}{means !== undefined && <span class="means">{means}</span>}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What a card holds is free: everything is shown by the name it has there. */
export function Tree({ facts }: { readonly facts: Readonly<Record<string, unknown>> }) {
  return (
    <dl class="tree">
      {Object.entries(facts).map(([name, value]) => <div key={name}><dt>{keyInWords(name)}</dt><dd><Value value={value} /></dd></div>)}
    </dl>
  );
}

function Value({ value }: { readonly value: unknown }) {
  if (Array.isArray(value)) {
    const isPlain = value.every((one) => typeof one !== 'object' || one === null);
    return isPlain ? <>{value.map(plain).join(', ')}</> : <ol class="tree-list">{value.map((one: unknown, i) => <li key={i}><Value value={one} /></li>)}</ol>;
  }
  return typeof value === 'object' && value !== null ? <Tree facts={value as Record<string, unknown>} /> : <>{plain(value)}</>;
}

export function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  // A seed or a year is no quantity: commas are set from five digits on.
  if (typeof value === 'number') return Math.abs(value) >= 10_000 ? value.toLocaleString('en') : String(value);
  return value === null || value === undefined ? 'not stated' : JSON.stringify(value);
}
