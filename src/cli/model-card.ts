/** What a page tells of a model, out of the free facts of its card. */

interface CardFacts {
  readonly summary: string | null;
  readonly licence: string | null;
  readonly heldOut: string | null;
}

type Facts = Readonly<Record<string, unknown>>;

export function cardFacts(card: Facts): CardFacts {
  return { summary: textOf(card['summary']), licence: textOf(card['licence']), heldOut: textOf(card['heldOut']) ?? heldOutOf(card) };
}

/** A card has no sentence on it but counts, in each of its parts where the model is joined of several. */
function heldOutOf(card: Facts): string | null {
  const joined = Array.isArray(card['parts']) ? card['parts'].filter(isFacts).filter((part) => 'recipe' in part) : [];
  const sentences = (joined.length > 0 ? joined : [card]).flatMap((part) => {
    const counts = heldOutCounts(part['data']).map((count) => count.toLocaleString('en'));
    const recipe = textOf(part['recipe']) ?? 'training';
    return counts.length === 0 ? [] : [`${recipe}: ${counts.join(' and ')} molecules were left out of the training data.`];
  });
  return sentences.length === 0 ? null : sentences.join(' ');
}

/** Wherever a count bears a name that begins with "heldOut". */
function heldOutCounts(data: unknown): number[] {
  if (!isFacts(data)) return [];
  return Object.entries(data).flatMap(([name, value]) => {
    const isCount = name.startsWith('heldOut') && typeof value === 'number';
    return isCount ? [value] : heldOutCounts(value);
  });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
