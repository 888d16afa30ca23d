/** The structure editor, in step with the text: a drawn change is a typed one. */
import { CanvasEditor, Molecule } from 'openchemlib';
import { useEffect, useRef, useState } from 'preact/hooks';
import { draft, isDrawing, submit, taken } from './draft.ts';

export function Editor() {
  const place = useRef<HTMLDivElement>(null);
  const [written, setWritten] = useState('');
  useEffect(() => {
    if (place.current === null) return undefined;
    const editor = new CanvasEditor(place.current, { initialMode: 'molecule' });
    let own = draft.peek();
    const start = moleculeOf(own);
    if (start !== undefined) {
      editor.setMolecule(start);
      setWritten(own);
    }
    editor.setOnChangeListener(({ isUserEvent, type }) => {
      if (!isUserEvent || type !== 'molecule') return;
      own = editor.getMolecule().toIsomericSmiles();
      setWritten(own);
      draft.value = own;
    });
    const stop = draft.subscribe((text) => {
      if (text === own) return;
      own = text;
      const typed = moleculeOf(text);
      if (typed !== undefined) editor.setMolecule(typed);
    });
    // A name is drawn once it is understood.
    const stopTaken = taken.subscribe((current) => {
      if (current.kind !== 'molecule' || current.text !== draft.peek() || moleculeOf(current.text) !== undefined) return;
      const named = moleculeOf(current.understanding.smiles);
      if (named !== undefined) editor.setMolecule(named);
    });
    return () => {
      stop();
      stopTaken();
      editor.destroy();
    };
  }, []);
  return (
    <section class="editor" aria-label="Structure editor">
      <div ref={place} class="canvas" />
      <div class="line">
        <button type="button" class="main" onClick={() => submit()}>Search this structure</button>
        <button type="button" onClick={() => (isDrawing.value = false)}>Close</button>
        <span class="quiet">Everything that can be drawn can be typed as well: the box above holds the SMILES{written === '' ? '' : ' of the drawing'}.</span>
      </div>
    </section>
  );
}

function moleculeOf(text: string): Molecule | undefined {
  try {
    if (/\bV[23]000\b/.test(text)) return Molecule.fromMolfile(text);
    const molecule = Molecule.fromSmiles(text.trim());
    return molecule.getAllAtoms() === 0 ? undefined : molecule;
  } catch {
    return undefined;
  }
}
