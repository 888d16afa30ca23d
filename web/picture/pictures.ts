/** Pictures that were given to this page, by what the address calls them. A link cannot hold them; a reload forgets them. */
const pictures = new Map<string, Blob>();

export function keepPicture(image: Blob): string {
  // Unlike the names before a reload, which the history still knows.
  const name = `${Math.round(performance.timeOrigin).toString(36)}-${pictures.size + 1}`;
  pictures.set(name, image);
  return name;
}

export function pictureCalled(name: string): Blob | undefined {
  return pictures.get(name);
}
