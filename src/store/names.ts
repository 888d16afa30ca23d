/** Names as people type them: case, accents, kinds of blanks and dashes, and trade marks do not tell two apart. */
const MARKS = /[\u00AE\u2122\u00A9]/g;
const DASHES = /[\u2010-\u2015\u2212]/g;
const INVISIBLE = /[\u00AD\u200B-\u200F\u2060\uFEFF]/g;
const ACCENTS = /\p{M}/gu;

export function foldName(name: string): string {
  return name.replaceAll(MARKS, '').replaceAll(INVISIBLE, '').normalize('NFKD').replaceAll(ACCENTS, '').replaceAll(DASHES, '-').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

/** What names of salts end with. */
const SALTS = new Set([
  'hydrochloride', 'dihydrochloride', 'hcl', 'hydrobromide', 'hbr', 'sulfate', 'sulphate', 'hydrogensulfate', 'bisulfate', 'phosphate', 'nitrate', 'mesylate', 'mesilate', 'besylate', 'besilate', 'tosylate', 'esylate',
  'edisylate', 'camsylate', 'citrate', 'maleate', 'fumarate', 'hemifumarate', 'tartrate', 'bitartrate', 'succinate', 'malate', 'lactate', 'acetate', 'gluconate', 'oxalate', 'pamoate', 'embonate', 'xinafoate',
  'benzoate', 'salicylate', 'stearate', 'palmitate', 'trifluoroacetate', 'sodium', 'disodium', 'potassium', 'calcium', 'hemicalcium', 'magnesium', 'zinc', 'lithium', 'meglumine', 'tromethamine', 'trometamol', 'lysine',
  'erbumine', 'arginine', 'chloride', 'bromide', 'iodide', 'hydrate', 'monohydrate', 'dihydrate', 'trihydrate', 'hemihydrate', 'sesquihydrate', 'anhydrous', 'salt', 'free', 'base', 'acid-free',
]);

/** The folded name without the words of a salt at its end; undefined where it has none, or is nothing else. */
export function withoutSalt(folded: string): string | undefined {
  const words = folded.split(' ');
  let count = words.length;
  while (count > 0 && SALTS.has(words[count - 1]!)) count--;
  return count === 0 || count === words.length ? undefined : words.slice(0, count).join(' ');
}

/** The closest of `names` (folded), best first: those that begin so, and those a slip of the finger away. */
export function nearNames(names: Iterable<string>, wanted: string, limit: number): string[] {
  const most = wanted.length < 5 ? 1 : wanted.length < 9 ? 2 : 3;
  const found: { name: string; distance: number }[] = [];
  for (const name of names) {
    const begins = wanted.length >= 4 && name.startsWith(wanted) ? 0.5 + Math.min(0.4, (name.length - wanted.length) / 100) : Infinity;
    const distance = Math.min(begins, Math.abs(name.length - wanted.length) > most ? Infinity : editDistance(name, wanted, most));
    if (distance <= most) found.push({ name, distance });
  }
  found.sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return found.slice(0, limit).map(({ name }) => name);
}

/** Insertions, deletions, exchanges and swaps of neighbours (Damerau 1964); Infinity beyond `most`. */
function editDistance(a: string, b: string, most: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    if (Math.min(...row) > most) return Infinity;
    before = last;
    last = row;
  }
  return last[b.length]! <= most ? last[b.length]! : Infinity;
}
