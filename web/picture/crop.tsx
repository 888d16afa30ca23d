/** Crop and turn a picture before it is searched again. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../shell/address.ts';
import { cut } from './cut.ts';
import { keepPicture } from './pictures.ts';

/** Shares of the picture, 0 to 1. */
interface Box { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 };

export function Crop({ image, close }: { readonly image: Blob; readonly close: () => void }) {
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [box, setBox] = useState(WHOLE);
  const [turns, setTurns] = useState(0);
  const [problem, setProblem] = useState(false);
  const picture = useRef<HTMLImageElement>(null);
  const start = useRef<readonly [number, number] | undefined>(undefined);
  useEffect(() => {
    const made = URL.createObjectURL(image);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [image]);
  const at = (event: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = picture.current!.getBoundingClientRect();
    const within = (value: number): number => Math.max(0, Math.min(1, value));
    return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
  };
  const search = async (): Promise<void> => {
    const { naturalWidth: width, naturalHeight: height } = picture.current!;
    try {
      ask({ picture: keepPicture(await cut(image, { box: { left: box.left * width, top: box.top * height, right: box.right * width, bottom: box.bottom * height }, of: { width, height }, turns })) });
      close();
    } catch {
      setProblem(true);
    }
  };
  const side = (name: keyof Box, label: string) => (
    <label class="small">{label} <input type="number" min={0} max={100} step={5} value={Math.round(100 * box[name])} onChange={(event) => setBox({ ...box, [name]: Math.max(0, Math.min(1, event.currentTarget.valueAsNumber / 100 || 0)) })} /> %</label>
  );
  return (
    <div class="crop" role="group" aria-label="Crop or turn the picture">
      <div
        class="crop-area"
        onPointerDown={(event) => {
          start.current = at(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const from = start.current;
          if (from === undefined) return;
          const [x, y] = at(event);
          setBox({ left: Math.min(from[0], x), top: Math.min(from[1], y), right: Math.max(from[0], x), bottom: Math.max(from[1], y) });
        }}
        onPointerUp={() => {
          start.current = undefined;
          if (box.right - box.left < 0.02 || box.bottom - box.top < 0.02) setBox(WHOLE);
        }}
      >
        {url !== undefined && <img ref={picture} src={url} alt="The picture to crop: drag over the part that is wanted" draggable={false} />}
        <div class="crop-box" style={{ left: `${100 * box.left}%`, top: `${100 * box.top}%`, width: `${100 * (box.right - box.left)}%`, height: `${100 * (box.bottom - box.top)}%` }} />
      </div>
      <div class="line">{side('left', 'Left')}{side('top', 'Top')}{side('right', 'Right')}{side('bottom', 'Bottom')}</div>
      <div class="line">
        <button type="button" onClick={() => setTurns((turns + 1) % 4)}>Turn by 90° ({90 * turns}°)</button>
        <button type="button" class="main" onClick={() => void search()}>Search this part</button>
        <button type="button" onClick={close}>Cancel</button>
      </div>
      {problem && <p class="complaint" role="alert">This browser cannot show the picture, so it cannot cut it. Crop it with another program and give it again.</p>}
    </div>
  );
}
