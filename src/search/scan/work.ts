/** What a worker does with a question, whichever way it scans. */
import { Bitset } from '../../ann/index.ts';
import type { Neighbours } from '../../ann/index.ts';
import { received } from '../../bundle/index.ts';
import { ColumnTable, IsoLensError, matrixOf, toIsoLensError } from '../../core/index.ts';
import type { Answered, Matrix } from '../../core/index.ts';
import { Profiles, Scorer, TERMS, TERM_IDS } from '../../score/index.ts';
import type { Mode } from '../../score/index.ts';
import type { CandidateRequest, DiversifyRequest, EmbeddingRequest, FilteredRows, FingerprintRequest, RowFilter, ScanAnswer, ScanRequest, ScanSetup, Scanner, ScoredRows, SentMatrix } from './define.ts';
import { diversified } from './diversify.ts';
import { NativeScanner } from './native.ts';
import { PlainScanner } from './plain.ts';

const ECFP4 = TERM_IDS.indexOf('ecfp4');

export class ScanWork {
  private readonly profiles: Profiles;
  private readonly scanner: Scanner;
  private readonly galleries: readonly [Matrix, ...Matrix[]];
  private readonly score: ScanSetup['score'];
  private readonly scorers = new Map<Mode, Scorer>();

  constructor(setup: ScanSetup) {
    const [first, ...others] = setup.galleries;
    this.galleries = [matrixIn(first), ...others.map(matrixIn)];
    this.score = setup.score;
    this.profiles = new Profiles(this.galleries[0], new ColumnTable(received(setup.columns)));
    this.scanner = setup.plain ? new PlainScanner(this.profiles) : nativeOrPlain(this.profiles);
  }

  answer(request: ScanRequest): Answered<ScanAnswer> {
    switch (request.kind) {
      case 'embedding': return moved(this.embedding(request));
      case 'filter': return moved(this.filter(request.filters));
      case 'candidates': return moved(this.candidates(request));
      case 'tanimoto': return moved(this.fingerprint(request));
      case 'terms': return moved({ raw: this.scanner.terms(request.query, request.rows) });
      case 'diversify': return moved({ chosen: this.diversify(request) });
    }
  }

  private embedding({ gallery, vector, k, allowed }: EmbeddingRequest): Neighbours {
    const vectors = this.galleries[gallery];
    if (vectors === undefined) throw new IsoLensError('INTERNAL', `Expected one of ${this.galleries.length} galleries but received ${gallery}.`);
    return this.scanner.embedding(vectors, vector, k, allowed);
  }

  private filter(filters: readonly RowFilter[]): FilteredRows {
    const words = allRows(this.profiles.count);
    return { words, remaining: filters.map((filter) => this.scanner.keep(filter, words)) };
  }

  private candidates({ query, mode, allowed, among }: CandidateRequest): ScoredRows {
    const rows = among === undefined ? rowsOf(this.profiles.count, allowed) : this.union(query, among, allowed);
    const raw = this.scanner.terms(query, rows);
    const scorer = this.scorer(mode);
    const ranks = Float64Array.from(rows, (_, i) => scorer.logit(termsAt(raw, i)));
    // The better rank first, then the larger cosine, then the smaller row.
    const order = Uint32Array.from(rows.keys()).sort((a, b) => ranks[b]! - ranks[a]! || raw[b * TERMS.length]! - raw[a * TERMS.length]! || rows[a]! - rows[b]!);
    const sorted = new Float64Array(raw.length);
    order.forEach((from, to) => sorted.set(termsAt(raw, from), to * TERMS.length));
    return { rows: Int32Array.from(order, (i) => rows[i]!), ranks: Float64Array.from(order, (i) => ranks[i]!), raw: sorted };
  }

  private fingerprint({ query, k, allowed }: FingerprintRequest): ScoredRows {
    const { labels: rows } = this.scanner.byFingerprint(query, k, allowed);
    const raw = this.scanner.terms(query, rows);
    return { rows, ranks: Float64Array.from(rows, (_, i) => raw[i * TERMS.length + ECFP4]!), raw };
  }

  private union(query: CandidateRequest['query'], { nearest, breadth }: NonNullable<CandidateRequest['among']>, allowed: Uint32Array | undefined): Int32Array {
    const { scanner } = this;
    return Int32Array.from(new Set([...nearest, ...scanner.byFingerprint(query, breadth, allowed).labels, ...scanner.byPharmacophore(query, breadth, allowed).labels]));
  }

  private diversify({ rows, relevance, k, lambda }: DiversifyRequest): Int32Array {
    const { profiles } = this;
    return diversified(relevance, k, lambda, (from) => {
      const query = profiles.at(rows[from]!);
      return (to) => profiles.ecfp4Tanimoto(query, rows[to]!);
    });
  }

  private scorer(mode: Mode): Scorer {
    const known = this.scorers.get(mode);
    if (known !== undefined) return known;
    const { score } = this;
    if (score === undefined) throw new IsoLensError('INTERNAL', `Expected a score for the mode "${mode}" but the bundle has none.`);
    const scorer = new Scorer(score, mode);
    this.scorers.set(mode, scorer);
    return scorer;
  }
}

function matrixIn({ data, dimension }: SentMatrix): Matrix {
  return matrixOf(new Float32Array(received(data)), dimension);
}

/** Search never needs the native build; anything else that keeps it from working is told. */
function nativeOrPlain(profiles: Profiles): Scanner {
  try {
    return new NativeScanner(profiles);
  } catch (error) {
    if (toIsoLensError(error).code === 'NATIVE_UNAVAILABLE') return new PlainScanner(profiles);
    throw error;
  }
}

function termsAt(raw: Float64Array, i: number): Float64Array {
  return raw.subarray(i * TERMS.length, (i + 1) * TERMS.length);
}

function allRows(count: number): Uint32Array {
  const words = new Uint32Array((count + 31) >>> 5).fill(0xffffffff);
  if ((count & 31) !== 0) words[words.length - 1] = 2 ** (count & 31) - 1;
  return words;
}

function rowsOf(count: number, allowed: Uint32Array | undefined): Int32Array {
  if (allowed === undefined) return Int32Array.from({ length: count }, (_, row) => row);
  return new Bitset(count, allowed).toRows();
}

/** All arrays go to the asker without a copy. */
function moved<Answer extends ScanAnswer>(answer: Answer): Answered<Answer> {
  return { answer, transfer: Object.values(answer).flatMap((value: unknown) => (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [])) };
}
