/** The query drawn large: every group that can be replaced shows what is known of it, and is chosen by a click. */
import { useEffect, useState } from 'preact/hooks';
import type { PlacedDepiction } from '../../src/api/index.ts';
import { client } from '../service/client.ts';
import { address } from '../shell/address.ts';
import { theme } from '../shell/theme.ts';
import { choose, groupAt, groups } from './groups.ts';
import type { Group } from './groups.ts';

const WIDTH = 400;
const HEIGHT = 260;

export function ClickableMolecule({ smiles, label }: { readonly smiles: string; readonly label: string }) {
  const [placed, setPlaced] = useState<PlacedDepiction | undefined>(undefined);
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [over, setOver] = useState<Group | undefined>(undefined);
  const paper = theme.value;
  const chosen = address.value.group;
  const marked = over?.atoms ?? chosen;
  useEffect(() => {
    const controller = new AbortController();
    client.depictPlaced({ smiles, width: WIDTH, height: HEIGHT, theme: paper, ...(marked.length === 0 ? {} : { marks: [{ atoms: [...marked], as: 'chosen' }] }) }, controller)
      .then(setPlaced, () => undefined);
    return () => controller.abort();
  }, [smiles, paper, marked.join('.')]);
  useEffect(() => {
    if (placed === undefined) return undefined;
    const made = URL.createObjectURL(new Blob([placed.svg], { type: 'image/svg+xml' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [placed]);
  const list = groups.value?.smiles === smiles ? groups.value.groups : [];
  const radius = placed === undefined || placed.smiles !== smiles ? 0 : reach(placed.atoms);
  return (
    <div class="molecule">
      <div class="laid-out" style={{ aspectRatio: `${WIDTH} / ${HEIGHT}` }}>
        <img class="structure" alt={label} width={WIDTH} height={HEIGHT} {...(url === undefined ? {} : { src: url })} />
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" onPointerLeave={() => setOver(undefined)}>
          {placed?.smiles === smiles && placed.atoms.map(([x, y], atom) => (
            <circle
              key={atom}
              class={list.some(({ atoms }) => atoms.includes(atom)) ? 'atom' : 'atom fixed'}
              cx={x}
              cy={y}
              r={radius}
              data-atom={atom}
              onPointerEnter={() => setOver(groupAt(atom))}
              onClick={() => {
                choose(groupAt(atom));
                setOver(undefined);
              }}
            />
          ))}
        </svg>
        {over !== undefined && <span class="count">{over.total.toLocaleString('en')} replacements known</span>}
      </div>
      {list.length > 0 && (
        <details class="group-list">
          <summary>{list.length} groups can be replaced: click one in the drawing, or choose here</summary>
          <ul>
            {[...list].sort((a, b) => b.total - a.total).map((group) => {
              const isChosen = group.atoms.join('.') === chosen.join('.');
              return (
                <li key={group.atoms.join('.')}>
                  <button type="button" aria-pressed={isChosen} onPointerEnter={() => setOver(group)} onPointerLeave={() => setOver(undefined)} onFocus={() => setOver(group)} onBlur={() => setOver(undefined)} onClick={() => choose(isChosen ? undefined : group)}>
                    {group.name} <span class="quiet">{group.total.toLocaleString('en')}</span>
                  </button>
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </div>
  );
}

/** Half of the shortest distance between two atoms: places do not cover each other. */
function reach(atoms: PlacedDepiction['atoms']): number {
  let least = 34;
  for (const [i, [x, y]] of atoms.entries()) for (const [u, v] of atoms.slice(i + 1)) least = Math.min(least, Math.hypot(x - u, y - v));
  return Math.max(6, least * 0.55);
}
