import { describe, expect, it } from 'vitest';
import { checkedLink, linkProblem } from '../../src/bundle/index.ts';

describe('a link template', () => {
  it.each([
    'https://example.org/{id}', 'http://example.org:8080/a?smiles={smiles}&x=1#top', 'https://example.org/{inchiKey}/{id}', 'http://localhost/{id}',
  ])('may be %s', (template) => {
    expect(checkedLink(template)).toBe(template);
  });

  it.each([
    ['javascript:alert({id})', 'begins with javascript:'],
    ['ftp://example.org/{id}', 'begins with ftp:'],
    ['data:text/html,{smiles}', 'begins with data:'],
    ['https://example.org/', 'names no molecule'],
    ['https://example.org/{name}', '{name}'],
    ['https://example.org/{}', '{}'],
    ['https://{id}.example.org/', 'decides the host'],
    ['https://{id}/', 'decides the host'],
    ['https://localhost:secret@example.org/{id}', 'password'],
    ['/molecules/{id}', 'no address'],
    ['https://example.org/{id} x', 'character'],
    ['https://example.org/"{id}', 'character'],
    ['https://example.org/\n{id}', 'character'],
    [`https://example.org/{id}${'x'.repeat(2000)}`, '2000 characters'],
    ['', 'names no molecule'],
  ])('may not be %j', (template, problem) => {
    expect(linkProblem(template)).toContain(problem);
    expect(() => checkedLink(template)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.stringContaining('{inchiKey}') }));
  });
});
