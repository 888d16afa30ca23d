/** Libraries in words. */

/** "24.9 MB", as file managers count. */
export function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}

/** "28 Nov 2026 at 20:31". */
export function day(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })} at ${date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
}

/** Never rounded up to all: 99.996 is not 100. */
export function shareOfAll(share: number): string {
  const percent = Math.floor(share * 10_000 + 1e-6) / 100;
  return `${percent.toLocaleString('en', { maximumFractionDigits: 2 })} %`;
}

export function milliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toPrecision(3)} s`;
  return value < 0.01 ? 'less than 0.01 ms' : `${Number(value.toPrecision(2))} ms`;
}

/** Reasons for which a record is refused; others are told by their code. */
const REASONS: Readonly<Record<string, string>> = {
  SMILES_EMPTY: 'no structure is given',
  SMILES_TOO_LONG: 'the structure is too long',
  SMILES_TOO_COMPLEX: 'too many atoms, fragments or nested branches',
  SMILES_SYNTAX: 'the structure cannot be read',
  SMILES_VALENCE: 'an atom has more bonds than its element allows',
  SMILES_UNCLOSED_RING: 'a ring is opened but not closed',
  SMILES_KEKULIZE: 'the aromatic bonds cannot be assigned',
  SMILES_IS_REACTION: 'a reaction, not a molecule',
  SMILES_IS_QUERY: 'a search pattern, not a molecule',
  MOLECULE_UNSUPPORTED: 'a kind of molecule that cannot be compared',
  MOLECULE_TIMEOUT: 'took too long to work out',
  RECORD_INVALID: 'the record itself cannot be read',
};

export function reasonInWords(code: string): string {
  return REASONS[code] ?? code.toLowerCase().replaceAll('_', ' ');
}

/** Where {id} and others of a template stand. */
const PLACES: Readonly<Record<string, string>> = { id: 'the identifier', inchiKey: 'the InChIKey', smiles: 'the SMILES' };

/** Parts of an address, the places among them in words. */
export function templateParts(template: string): readonly { readonly text: string; readonly isPlace: boolean }[] {
  return template.split(/(\{(?:id|inchiKey|smiles)\})/).filter((part) => part !== '').map((part) => {
    const place = /^\{(\w+)\}$/.exec(part)?.[1];
    return place === undefined ? { text: part, isPlace: false } : { text: PLACES[place] ?? place, isPlace: true };
  });
}

/** "inputWidth" becomes "input width"; what is no such name stays. */
export function keyInWords(key: string): string {
  return /^[a-z][A-Za-z0-9]*$/.test(key) ? key.replaceAll(/([a-z0-9])([A-Z])(?=[a-z])/g, (_, before: string, letter: string) => `${before} ${letter.toLowerCase()}`) : key;
}

/** An address that a browser may open; nothing else becomes a link. */
export function webAddress(text: string): string | undefined {
  try {
    const { protocol, href } = new URL(text);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** One line of a file for spreadsheets; what they would run as a formula is kept from it. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  const cell = (value: string | number | null): string => {
    if (value === null || typeof value === 'number') return String(value ?? '');
    const text = /^[=@+\-\t\r\n]/.test(value) ? `'${value}` : value;
    return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${cells.map(cell).join(',')}\r\n`;
}
