/** One answer: filters, candidates, substructures, scaffolds, diversity, reasons. */
import { Bitset } from '../ann/index.ts';
import { IsoLensError, dot, rowOf } from '../core/index.ts';
import { PASSED, UNDECIDED, smartsOf } from '../chem/index.ts';
import type { ChemPool, Descriptors } from '../chem/index.ts';
import { fusedScore } from '../reading/index.ts';
import type { QueryCounts, ReadingTable } from '../reading/index.ts';
import { Scorer, TERM_IDS, probabilityOf, queryOf } from '../score/index.ts';
import type { EvidenceSource, Mode, PictureTrust, Profile, ProfileQuery, ScoreModel } from '../score/index.ts';
import { byRank, findCandidates, withTerms } from './candidates.ts';
import type { Candidate, CandidateList, NearestNeighbours, NearestRows } from './candidates.ts';
import { closerLook } from './closer-look.ts';
import type { CloserLook } from './closer-look.ts';
import type { SearchMode } from './define.ts';
import { filtersOf } from './filters.ts';
import type { FilterStep, NamedFilter, SearchFilters } from './filters.ts';
import { describe } from './facts.ts';
import type { OpenRows, SearchLibrary } from './library.ts';
import { Contrasts } from './contrasts.ts';
import type { MatchedPair } from './contrasts.ts';
import type { Pairing } from './pairing.ts';

/** A query, embedded; `profile` is absent for one that is no molecule, `stored` the row of one that is in the library. */
export interface RankedQuery {
  readonly vector: Float32Array;
  readonly pairing: Pairing;
  readonly smiles: string | null;
  readonly profile: Profile | undefined;
  readonly stored: number | undefined;
  /** What was read of a picture, and the rows nearest to it among all. */
  readonly read?: ReadQuery | undefined;
}

export interface ReadQuery {
  readonly counts: QueryCounts;
  readonly nearest: NearestNeighbours;
}

export interface RankingOptions {
  readonly k: number;
  readonly mode: SearchMode;
  readonly filters: SearchFilters;
  /** Rows not to show: the query itself, a list. */
  readonly excluded: readonly number[];
  /** Rows that alone are ranked. */
  readonly only?: ReadonlySet<number> | undefined;
  readonly exact: boolean;
  readonly efSearch: number | undefined;
  /** Matched pairs are wanted even where they rank nothing. */
  readonly reasons: boolean;
}

export interface Ranked {
  readonly candidates: readonly Candidate[];
  readonly scorer: Scorer | undefined;
  /** Of a query that is a molecule. */
  readonly queryDescriptors: Descriptors | undefined;
  /** By row, where a single replacement leads from the query to one of the best. */
  readonly pairs: ReadonlyMap<number, MatchedPair>;
  readonly steps: readonly FilterStep[];
  /** Whether the shapes of scaffolds were asked for: nobody else pays for their comparison. */
  readonly comparesScaffolds: boolean;
  /** Not every molecule could be looked at: a substructure that is slow to find, or rarer than was searched. */
  readonly isIncomplete: boolean;
  /** So many of the best were looked at one by one, and fewer than asked passed; undefined where enough did, or all were looked at. */
  readonly lookedAt: number | undefined;
}

/** Rows of each kind that are looked at: first few, then more where filters leave too little. */
const BREADTHS: readonly number[] = [400, 4000, Number.POSITIVE_INFINITY];
/** Matched pairs and their evidence are looked up for this many of the best, whatever k is, so that k changes no order. */
const PAIRED = 50;
const EVIDENCE = TERM_IDS.indexOf('replacement');
/** Molecules in which a substructure is looked for before the answer is given as incomplete. */
const MOST_MATCHED = 20_000;
const MATCHED_AT_ONCE = 64;
const TAKEN_AT_ONCE = 64;
/** Molecules on which a pattern ran out of time before it is refused: each costs a worker. */
const MOST_UNDECIDED = 2;
/** Whole counts are told for a substructure that so few can hold. */
const COUNTED = 512;
/** Diversity chooses among this many times as many. */
const POOL = 5;
const SMALL_POOL = 50;
/** Rows of each kind that are looked at for a picture. */
const FUSED = 400;
/** Candidates at once whose single change is looked for. */
const COMPARED_AT_ONCE = 100;

export interface RankingDependencies {
  readonly chem: ChemPool;
  readonly evidence?: EvidenceSource | undefined;
  /** What readings are compared with; absent in bundles of earlier versions. */
  readonly readings?: ReadingTable | undefined;
}

export class Ranking {
  private readonly library: SearchLibrary;
  private readonly chem: ChemPool;
  private readonly evidence: EvidenceSource | undefined;
  readonly readings: ReadingTable | undefined;
  readonly contrasts: Contrasts;

  constructor(library: SearchLibrary, { chem, evidence, readings }: RankingDependencies) {
    this.library = library;
    this.chem = chem;
    this.contrasts = new Contrasts(chem, evidence);
    this.evidence = evidence;
    this.readings = readings;
  }

  get hasScore(): boolean {
    return this.score !== undefined;
  }

  /** How far the nearest molecule of a picture can be trusted. */
  get trust(): PictureTrust | undefined {
    return this.score?.pictures;
  }

  /** A molecule as the columns are compared with it; undefined for a query that is none. */
  async profileOf({ vector, profile, stored }: Pick<RankedQuery, 'vector' | 'profile' | 'stored'>): Promise<ProfileQuery | undefined> {
    if (stored !== undefined) return this.library.profileAt(stored);
    return profile === undefined ? undefined : queryOf(vector, profile, await this.library.scaffoldNumber(profile.scaffold));
  }

  private get score(): ScoreModel | undefined {
    return this.library.score;
  }

  async rank(query: RankedQuery, options: RankingOptions): Promise<Ranked> {
    const { filters, mode, k } = options;
    if (!Number.isInteger(k) || k < 1) throw new IsoLensError('ARGUMENT_INVALID', `Expected k to be an integer of at least 1 but received ${k}.`);
    const required = await this.readPatterns(filters);
    const profile = await this.profileOf(query);
    const scorer = profile === undefined || isPlain(mode) || this.score === undefined ? undefined : new Scorer(this.score, mode);
    const steps: FilterStep[] = [];
    const differentScaffold = mode === 'hop' || filters.differentScaffold === true;
    const named = filtersOf({ ...filters, differentScaffold }, profile, { excluded: options.excluded, only: options.only });
    const screened = await this.screen(required, filters, named, steps);
    const least = (filters.diversity ?? 0) > 0 ? Math.max(POOL * k, SMALL_POOL) : k;
    // What is looked at one by one is dear: of it no more is taken than is shown.
    const weighs = this.evidence !== undefined && scorer !== undefined && scorer.weightOf('replacement') !== 0;
    const closer = closerLook(this.contrasts, query.smiles, mode, filters);
    const wanted = weighs && screened.isDecided && mode !== 'replace' ? Math.max(least, PAIRED) : least;
    const selected = await this.select(query, profile, scorer === undefined && !isPlain(mode) ? 'similarity' : mode, { ...screened, closer }, { least, wanted }, options);
    const pairs = await this.pairsOf(selected.candidates, query, profile !== undefined && (weighs || options.reasons));
    // By another tower the query is not its own nearest: how far off it is, is what such a search shows.
    const self = query.pairing.tower === query.pairing.gallery.tower ? query.stored : undefined;
    const ranked = selfFirst(weighs ? informed(selected.candidates, pairs, scorer) : selected.candidates, self);
    return {
      candidates: await withTerms(this.library, profile, await this.diverse(ranked, k, filters.diversity ?? 0, scorer)), scorer, queryDescriptors: profile === undefined ? undefined : describe(profile.descriptors),
      pairs, steps, comparesScaffolds: mode === 'hop' || filters.scaffoldDistance !== undefined, isIncomplete: selected.isIncomplete || screened.isIncomplete,
      lookedAt: selected.isCutOff === true && selected.candidates.length < k ? closer?.most : undefined,
    };
  }

  /** Looks first at few candidates of each kind, then at more where too little of them passes. */
  private async select(
    query: RankedQuery, profile: ProfileQuery | undefined, mode: SearchMode, screened: Looked, { least, wanted }: { readonly least: number; readonly wanted: number }, options: RankingOptions,
  ): Promise<Selected> {
    const { open } = screened;
    const { exact, efSearch } = options;
    const nearest: NearestRows = (vector, k) => (query.read === undefined
      ? open.nearest({ gallery: query.pairing.gallery.place, vector, k, exact, efSearch })
      : this.nearestRead(query.read, vector, k, open, options));
    let selected: Selected = { candidates: [], isIncomplete: false };
    for (const breadth of exact ? [Number.POSITIVE_INFINITY] : BREADTHS) {
      const found = await findCandidates({ vector: query.vector, profile }, mode, open, breadth, nearest);
      selected = await this.choose(found, wanted, options, screened);
      // A library elsewhere may give fewer rows than were asked for.
      if (!screened.isDecided && selected.candidates.length < least && breadth >= open.size && found.length < open.size) selected = { ...selected, isIncomplete: true };
      // So many of the best are looked at more closely, which a broader look hardly changes.
      const isLookedThrough = screened.closer !== undefined && found.length >= screened.closer.most;
      if (selected.candidates.length >= least || selected.isIncomplete || isLookedThrough || breadth >= open.size) break;
    }
    return selected;
  }

  private async diverse(ranked: readonly Candidate[], k: number, lambda: number, scorer: Scorer | undefined): Promise<readonly Candidate[]> {
    if (lambda === 0 || ranked.length === 0) return ranked.slice(0, k);
    const relevance = Float64Array.from(ranked, ({ rank }) => (scorer === undefined ? rank : probabilityOf(rank)));
    const chosen = await this.library.diversify({ rows: Int32Array.from(ranked, ({ row }) => row), relevance, k, lambda });
    return Array.from(chosen, (i) => ranked[i]!);
  }

  /** Refuses what cannot be read before anything is searched. Bits of what is required. */
  private async readPatterns({ require = [], forbid = [] }: SearchFilters): Promise<Uint8Array[]> {
    if (require.length + forbid.length === 0) return [];
    const outcomes = await this.chem.pattern([...require, ...forbid].map(smartsOf), { urgent: true });
    return outcomes.flatMap((outcome, i) => {
      if (!outcome.ok) throw new IsoLensError(outcome.error.code === 'MOLECULE_TIMEOUT' || outcome.error.code === 'MOLECULE_UNSUPPORTED' ? 'SMARTS_INVALID' : outcome.error.code, outcome.error.message);
      return i < require.length ? [Uint8Array.from(outcome.value.bits)] : [];
    });
  }

  /** Rows that may be shown, with what each filter left. Of substructures: leaves out what lacks a bit of a required pattern, and decides all that are left where they are few. */
  private async screen(required: readonly Uint8Array[], filters: SearchFilters, named: readonly NamedFilter[], steps: FilterStep[]): Promise<Screened> {
    const { require = [], forbid = [] } = filters;
    const isMatched = require.length + forbid.length > 0;
    if (named.length === 0 && !isMatched) return { open: this.library.all, isDecided: true, isIncomplete: false };
    const { rows: open, remaining } = await this.library.filter([...named.map(({ filter }) => filter), ...(isMatched ? [{ kind: 'patterns', patterns: required } as const] : [])]);
    named.forEach(({ name }, i) => steps.push({ filter: name, remaining: remaining[i]! }));
    if (!isMatched) return { open, isDecided: true, isIncomplete: false };
    const name = [...require.map((smarts) => `with ${smarts}`), ...forbid.map((smarts) => `without ${smarts}`)].join(', ');
    const left = remaining.at(-1)!;
    if (left > COUNTED) {
      steps.push({ filter: `${name} (at most)`, remaining: left });
      return { open, isDecided: false, isIncomplete: false };
    }
    const rows = Array.from(await open.list());
    const verdicts = await this.match(rows, filters);
    const passed = rows.filter((_, i) => verdicts[i] === PASSED);
    steps.push({ filter: name, remaining: passed.length });
    return { open: this.library.only(passed), isDecided: true, isIncomplete: verdicts.includes(UNDECIDED) };
  }

  /** A molecule on which a pattern takes longer than a worker may is left undecided. */
  private async match(rows: readonly number[], { require = [], forbid = [] }: SearchFilters): Promise<Uint8Array> {
    const verdicts = new Uint8Array(rows.length).fill(UNDECIDED);
    for (let from = 0; from < rows.length; from += MATCHED_AT_ONCE) {
      const part = await this.smilesOf(rows.slice(from, from + MATCHED_AT_ONCE));
      verdicts.set(await this.chem.substructure(part, { require: require.map(smartsOf), forbid: forbid.map(smartsOf) }, { urgent: true }), from);
      if (verdicts.filter((verdict, i) => i < from && verdict === UNDECIDED).length > MOST_UNDECIDED) throw slowPattern([...require, ...forbid]);
    }
    return verdicts;
  }

  /** The best that pass what is looked at one by one: substructures, single changes or scaffolds far enough, one of each scaffold. */
  private async choose(found: CandidateList, wanted: number, { filters }: RankingOptions, { isDecided, closer }: Looked): Promise<Selected> {
    const chosen: Candidate[] = [];
    const scaffolds = new Set<number>();
    const take = async (candidates: readonly Candidate[]): Promise<void> => {
      const numbers = filters.onePerScaffold === true ? await this.library.scaffoldsOf(candidates.map(({ row }) => row)) : undefined;
      for (const [i, candidate] of candidates.entries()) {
        const scaffold = numbers?.[i] ?? 0;
        // Molecules without rings share no scaffold.
        if (scaffold !== 0 && scaffolds.has(scaffold)) continue;
        scaffolds.add(scaffold);
        if (chosen.length < wanted) chosen.push(candidate);
      }
    };
    const isTaken = isDecided && closer === undefined;
    const step = isTaken ? Math.max(wanted, TAKEN_AT_ONCE) : closer === undefined ? MATCHED_AT_ONCE : COMPARED_AT_ONCE;
    const most = isTaken ? Infinity : closer?.most ?? MOST_MATCHED;
    let isIncomplete = false;
    for (let from = 0; from < found.length && chosen.length < wanted; from += step) {
      if (from >= most) return { candidates: chosen, isIncomplete: closer === undefined || isIncomplete, isCutOff: closer !== undefined };
      const part = Array.from({ length: Math.min(step, found.length - from) }, (_, i) => found.at(from + i));
      const verdicts = isDecided ? undefined : await this.match(part.map(({ row }) => row), filters);
      isIncomplete ||= verdicts?.includes(UNDECIDED) === true;
      const passed = part.filter((_, i) => verdicts === undefined || verdicts[i] === PASSED);
      const kept = await closer?.keeps(await this.smilesOf(passed.map(({ row }) => row)));
      await take(passed.filter((_, i) => kept === undefined || kept[i] === true));
    }
    return { candidates: chosen, isIncomplete };
  }

  /** Of the best. */
  private async pairsOf(candidates: readonly Candidate[], { smiles }: RankedQuery, isWanted: boolean): Promise<ReadonlyMap<number, MatchedPair>> {
    if (!isWanted || smiles === null) return new Map();
    const rows = candidates.slice(0, PAIRED).map(({ row }) => row);
    const found = await this.contrasts.matchedPairs(smiles, await this.smilesOf(rows));
    return new Map(rows.flatMap((row, i) => (found[i] === undefined ? [] : [[row, found[i]]])));
  }

  private async smilesOf(rows: readonly number[]): Promise<string[]> {
    return (await this.library.molecules.getAll(rows)).map(({ smiles }) => smiles);
  }

  /** By what was read of a picture and by its embedding together: the nearest of each, in one order. */
  private async nearestRead({ counts, nearest }: ReadQuery, vector: Float32Array, count: number, open: OpenRows, options: RankingOptions): Promise<NearestNeighbours> {
    if (open.isAll && count <= nearest.labels.length) return firstOf(nearest, count);
    return this.fuse(counts, vector, count, open, options);
  }

  /** What `rank` wants to know of a reading; undefined where the bundle cannot be compared with one. */
  async readQuery(counts: QueryCounts, vector: Float32Array, options: Pick<RankingOptions, 'exact' | 'efSearch'>): Promise<ReadQuery | undefined> {
    return this.readings === undefined ? undefined : { counts, nearest: await this.fuse(counts, vector, FUSED, this.library.all, options) };
  }

  private async fuse(read: QueryCounts, vector: Float32Array, count: number, open: OpenRows, { exact, efSearch }: Pick<RankingOptions, 'exact' | 'efSearch'>): Promise<NearestNeighbours> {
    const table = this.readings!;
    const k = Math.min(Math.max(count, FUSED), this.library.all.size);
    const allowed = open.isAll ? undefined : Bitset.of(this.library.all.size, await open.list());
    const { labels } = await open.nearest({ gallery: 0, vector, k, exact, efSearch });
    const rows = [...new Set([...table.nearest(read, k, allowed).map(({ row }) => row), ...labels])];
    const vectors = await this.library.vectorsOf(0, rows);
    const found = rows.map((row, i) => {
      const [reading, cosine] = [table.similarity(read, row), dot(vector, rowOf(vectors, i))];
      return { row, reading, cosine, score: fusedScore(reading, cosine) };
    }).sort((a, b) => b.score - a.score || a.row - b.row).slice(0, count);
    return {
      labels: Int32Array.from(found, ({ row }) => row), scores: Float32Array.from(found, ({ score }) => score),
      cosines: Float32Array.from(found, ({ cosine }) => cosine), readings: Float32Array.from(found, ({ reading }) => reading),
    };
  }
}

function firstOf({ labels, scores, cosines, readings }: NearestNeighbours, count: number): NearestNeighbours {
  return {
    labels: labels.subarray(0, count), scores: scores.subarray(0, count),
    ...(cosines === undefined ? {} : { cosines: cosines.subarray(0, count) }), ...(readings === undefined ? {} : { readings: readings.subarray(0, count) }),
  };
}

/** Adds what measured activities say, and puts the candidates in order again. */
function informed(candidates: readonly Candidate[], pairs: ReadonlyMap<number, MatchedPair>, scorer: Scorer): Candidate[] {
  for (const candidate of candidates) {
    const support = pairs.get(candidate.row)?.support;
    if (support === undefined) continue;
    candidate.raw![EVIDENCE] = support.value;
    candidate.rank = scorer.logit(candidate.raw!);
  }
  return [...candidates].sort(byRank);
}

/** The query itself, where it is in the library and wanted, comes first whatever the terms say of others. */
function selfFirst(candidates: readonly Candidate[], self: number | undefined): readonly Candidate[] {
  const own = candidates.find(({ row }) => row === self);
  if (own === undefined) return candidates;
  own.rank = Math.max(...candidates.map(({ rank }) => rank));
  return [own, ...candidates.filter((one) => one !== own)];
}

/** No score ranks. */
function isPlain(mode: SearchMode): mode is Exclude<SearchMode, Mode> {
  return mode === 'similarity' || mode === 'tanimoto';
}

function slowPattern(patterns: readonly string[]): IsoLensError {
  return new IsoLensError('SMARTS_INVALID', `Expected SMARTS that can be matched in reasonable time but received ${patterns.join(', ')}; use a simpler pattern.`);
}

interface Screened {
  readonly open: OpenRows;
  /** Every open row is known to hold what it must. */
  readonly isDecided: boolean;
  readonly isIncomplete: boolean;
}

interface Looked extends Screened {
  readonly closer: CloserLook | undefined;
}

interface Selected {
  readonly candidates: readonly Candidate[];
  readonly isIncomplete: boolean;
  /** There were more than are looked at one by one. */
  readonly isCutOff?: boolean;
}
