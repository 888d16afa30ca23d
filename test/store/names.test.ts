import { describe, expect, it } from 'vitest';
import { foldName, nearNames, withoutSalt } from '../../src/store/names.ts';

describe('names', () => {
  it.each([
    ['PARACETAMOL', 'paracetamol'], ['  Acetic   acid ', 'acetic acid'], ['Éthyl furoate', 'éthyl furoate'], ['Tylenol®', 'tylenol'], ['4‐aminophenol', '4-aminophenol'], ['naïve\u00ADly', 'naively'],
  ])('%j is %j', (a, b) => {
    expect(foldName(a)).toBe(foldName(b));
  });

  it.each([['(+)-thing', '(-)-thing'], ['alpha-x', 'alphax'], ['50 % cream', '50 cream']])('%j is not %j', (a, b) => {
    expect(foldName(a)).not.toBe(foldName(b));
  });

  it.each([
    ['sildenafil citrate', 'sildenafil'], ['losartan potassium', 'losartan'], ['amlodipine besylate monohydrate', 'amlodipine'], ['sodium', undefined], ['acetic acid', undefined], ['aspirin', undefined],
  ])('%s without its salt is %s', (name, parent) => {
    expect(withoutSalt(name)).toBe(parent);
  });

  it('are offered when they are a slip away, or begin so', () => {
    const known = ['ibuprofen', 'ibuproxam', 'sildenafil', 'celecoxib', 'acetaminophen', 'atenolol', 'metoprolol'];
    expect(nearNames(known, 'ibuprofn', 3)[0]).toBe('ibuprofen');
    expect(nearNames(known, 'slidenafil', 3)).toEqual(['sildenafil']);
    expect(nearNames(known, 'ibupro', 5)).toEqual(expect.arrayContaining(['ibuprofen', 'ibuproxam']));
    expect(nearNames(known, 'xyz', 5)).toEqual([]);
    expect(nearNames(known, 'penicillin', 5)).toEqual([]);
  });
});
