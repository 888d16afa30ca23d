/** Groups that a candidate must or must not hold: by name, by a pattern that is typed, or drawn. */
import { useState } from 'preact/hooks';
import { Structure } from '../draw/structure.tsx';
import { service } from '../service/service.ts';
import { Lazy } from '../shell/lazy.tsx';

interface GroupsProps {
  readonly label: string;
  readonly name: string;
  /** Names and SMARTS. */
  readonly chosen: readonly string[];
  readonly set: (chosen: readonly string[]) => void;
}

export function Groups({ label, name, chosen, set }: GroupsProps) {
  const known = service.value?.capabilities.groups ?? [];
  const [isDrawing, setDrawing] = useState(false);
  const add = (group: string): void => {
    if (group !== '' && !chosen.includes(group)) set([...chosen, group]);
  };
  return (
    <div class="groups">
      <label for={`group-${name}`}>{label}</label>
      <div class="line">
        {chosen.map((group) => {
          const isNamed = known.some((one) => one.name === group);
          return (
            <button key={group} type="button" class="chip remove" aria-label={`Remove ${isNamed ? group : 'the drawn group'}`} title={group} onClick={() => set(chosen.filter((one) => one !== group))}>
              {isNamed ? group : <Pattern smarts={group} />} ✕
            </button>
          );
        })}
        <input
          id={`group-${name}`}
          list={`groups-${name}`}
          placeholder="group or SMARTS"
          onChange={(event) => {
            const text = event.currentTarget.value.trim();
            event.currentTarget.value = '';
            add(text);
          }}
        />
        <button type="button" aria-haspopup="dialog" aria-label={`Draw a group: ${label}`} onClick={() => setDrawing(true)}>Draw</button>
        <datalist id={`groups-${name}`}>{known.map((group) => <option key={group.name} value={group.name} />)}</datalist>
      </div>
      {isDrawing && <Lazy load={() => import('./draw-group.tsx').then(({ DrawGroup }) => () => <DrawGroup label={label} done={(group) => { setDrawing(false); if (group !== undefined) add(group); }} />)} what="The editor" />}
    </div>
  );
}

/** What was drawn is drawn again; what only a pattern can say stays text. */
function Pattern({ smarts }: { readonly smarts: string }) {
  return <Structure smiles={smarts.replaceAll('[n]', '[nH]')} width={84} height={54} label="" otherwise={<code>{smarts}</code>} />;
}
