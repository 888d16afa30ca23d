/** Cuts and turns pictures in the browser: what is sent is what is seen. */
export interface Cut {
  /** In pixels of a picture of the size `of`, which may be a smaller copy. */
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
  readonly of: { readonly width: number; readonly height: number };
  /** Quarters of a turn, clockwise. */
  readonly turns: number;
}

/** Of the box, on each side: what was drawn a little outside of it. */
const MARGIN = 0.06;

export async function cut(image: Blob, { box, of, turns }: Cut): Promise<Blob> {
  const bitmap = await createImageBitmap(image);
  const scale = bitmap.width / of.width;
  const [spareX, spareY] = [MARGIN * (box.right - box.left), MARGIN * (box.bottom - box.top)];
  const left = Math.max(0, (box.left - spareX) * scale);
  const top = Math.max(0, (box.top - spareY) * scale);
  const width = Math.max(1, Math.min(bitmap.width - left, (box.right - box.left + 2 * spareX) * scale));
  const height = Math.max(1, Math.min(bitmap.height - top, (box.bottom - box.top + 2 * spareY) * scale));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = turns % 2 === 0 ? [width, height] : [height, width];
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turns * Math.PI) / 2);
  context.drawImage(bitmap, left, top, width, height, -width / 2, -height / 2, width, height);
  bitmap.close();
  return new Promise((resolve, reject) => canvas.toBlob((made) => (made === null ? reject(new Error('The picture cannot be cut here.')) : resolve(made)), 'image/png'));
}
