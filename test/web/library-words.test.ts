import { describe, expect, it } from 'vitest';
import { bytes, csvLine, keyInWords, milliseconds, reasonInWords, shareOfAll, templateParts, webAddress } from '../../web/library/words.ts';

describe('a library in words', () => {
  it('has sizes, times and shares that are read at a glance', () => {
    expect([0, 999, 1500, 999_600, 24_850_000, 3.2e9].map(bytes)).toEqual(['0 bytes', '999 bytes', '1.5 kB', '1000 kB', '24.9 MB', '3.2 GB']);
    expect([0.0004, 0.176, 21.7, 2345].map(milliseconds)).toEqual(['less than 0.01 ms', '0.18 ms', '22 ms', '2.35 s']);
  });

  it('never says all of what is not all', () => {
    expect([1, 0.99999, 0.994, 0.9, 0].map(shareOfAll)).toEqual(['100 %', '99.99 %', '99.4 %', '90 %', '0 %']);
  });

  it('has reasons, and the code where there are none', () => {
    expect(reasonInWords('SMILES_EMPTY')).toBe('no structure is given');
    expect(reasonInWords('NEW_REASON')).toBe('new reason');
  });

  it('has names of parameters as words', () => {
    expect(['inputWidth', 'leftOutAuc', 'hidden', 'SHA-256 of the file', 'samplesSeen'].map(keyInWords)).toEqual(['input width', 'left out auc', 'hidden', 'SHA-256 of the file', 'samples seen']);
  });

  it('has templates of addresses with their places in words', () => {
    expect(templateParts('https://example.org/{id}?k={inchiKey}&x={other}').map(({ text, isPlace }) => (isPlace ? `[${text}]` : text)).join('')).toBe('https://example.org/[the identifier]?k=[the InChIKey]&x={other}');
  });

  it('takes http addresses for links, and nothing else', () => {
    expect(webAddress('https://example.org/a')).toBe('https://example.org/a');
    for (const text of ['javascript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'example.org', '']) expect(webAddress(text), text).toBeUndefined();
  });

  it('writes lines that spreadsheets read as they stand', () => {
    expect(csvLine([1, null, 'a,"b"', '=1+1', '-x', 'a\nb', ' c'])).toBe('1,,"a,""b""",\'=1+1,\'-x,"a\nb"," c"\r\n');
  });
});
