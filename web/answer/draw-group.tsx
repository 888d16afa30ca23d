/** A group is drawn: what it is written as is what a candidate must or must not hold. */
import { CanvasEditor } from 'openchemlib';
import type { Molecule } from 'openchemlib';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../service/client.ts';
import { address } from '../shell/address.ts';

/** Called with the SMARTS, or with undefined where the chemist thought better of it. */
export function DrawGroup({ label, done }: { readonly label: string; readonly done: (smarts: string | undefined) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<CanvasEditor | undefined>(undefined);
  const drawn = useRef<string | undefined>(undefined);
  const [isEmpty, setEmpty] = useState(true);
  useEffect(() => {
    dialog.current?.showModal();
    const made = new CanvasEditor(place.current!, { initialMode: 'molecule' });
    editor.current = made;
    made.setOnChangeListener(({ type }) => {
      if (type === 'molecule') setEmpty(made.getMolecule().getAllAtoms() === 0);
    });
    return () => made.destroy();
  }, []);
  const take = (): void => {
    void (async () => {
      drawn.current = await patternOf(editor.current!.getMolecule());
      dialog.current?.close();
    })();
  };
  return (
    <dialog ref={dialog} class="editor drawn-group" aria-label={`Draw a group: ${label}`} onClose={() => done(drawn.current)}>
      <h2>{label}</h2>
      <p class="small quiet">Draw the group alone. Every atom may carry more than what is drawn; hydrogens are not counted.</p>
      <div ref={place} class="canvas" />
      <div class="line">
        <button type="button" class="main" disabled={isEmpty} onClick={take}>Use this group</button>
        <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
      </div>
    </dialog>
  );
}

/** As the service writes it, so that rings are aromatic where those of the library are; any hydrogen may be replaced. */
async function patternOf(drawn: Molecule): Promise<string> {
  const smiles = drawn.toIsomericSmiles();
  const { library } = address.peek();
  const written = await client.understand({ text: smiles, ...(library === undefined ? {} : { index: library }) }).then(({ smiles: parent }) => parent, () => smiles);
  return written.replaceAll('[nH]', '[n]');
}
