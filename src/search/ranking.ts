/** One answer: filters, candidates, substructures, scaffolds, diversity, reasons. */
import { Bitset, exactOver } from '../ann/index.ts';
import type { Neighbours, VectorIndex } from '../ann/index.ts';
import type { Bundle } from '../bundle/index.ts';
import { PASSED, UNDECIDED } from '../chem/index.ts';
import type { ChemPool, Comparison, Descriptors } from '../chem/index.ts';
import { IsoLensError } from '../core/index.ts';
import { Scorer, TERM_IDS, probabilityOf } from '../score/index.ts';
import type { EvidenceSource, Mode, Profile, ScoreModel } from '../score/index.ts';
import { byRank, diversify, findCandidates } from './candidates.ts';
import type { Candidate } from './candidates.ts';
import { applyFilters } from './filters.ts';
import type { FilterStep, SearchFilters } from './filters.ts';
import { Library } from './library.ts';
import { matchedPairs } from './pairs.ts';
import type { MatchedPair } from './pairs.ts';
import { COMPARE_LIMIT_MS, compareAll } from './reasons.ts';

/** A query, embedded; `profile` is absent for one that is no molecule, `stored` the row of one that is in the library. */
export interface RankedQuery {
  readonly vector: Float32Array;
  readonly smiles: string | null;
  readonly profile: Profile | undefined;
  readonly stored: number | undefined;
}

export interface RankingOptions {
  readonly k: number;
  readonly mode: Mode | 'similarity';
  readonly filters: SearchFilters;
  /** Rows not to show: the query itself, a list. */
  readonly excluded: readonly number[];
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
  /** Not every molecule could be looked at: a substructure that is slow to find, or rarer than was searched. */
  readonly isIncomplete: boolean;
}

/** Rows of each kind that are looked at: first few, then more where filters leave too little. */
const BREADTHS: readonly number[] = [400, 4000, Number.POSITIVE_INFINITY];
/** Single changes are looked for among this many of the best. */
const LOOKED_UP = 200;
/** Matched pairs and their evidence are looked up for this many of the best, whatever k is, so that k changes no order. */
const PAIRED = 50;
const EVIDENCE = TERM_IDS.indexOf('replacement');
/** Molecules in which a substructure is looked for before the answer is given as incomplete. */
const MOST_MATCHED = 20_000;
const MATCHED_AT_ONCE = 64;
/** Time for looking for substructures in one answer. */
const MATCH_LIMIT_MS = 4000;
/** Whole counts are told for a substructure that so few can hold. */
const COUNTED = 512;
/** Diversity chooses among this many times as many. */
const POOL = 5;
const SMALL_POOL = 50;
/** A group that is replaced is smaller than this, on both sides. */
const LARGEST_GROUP = 14;
const COMPARED_AT_ONCE = 24;

export interface RankingDependencies {
  readonly chem: ChemPool;
  readonly evidence?: EvidenceSource | undefined;
  readonly compareTimeoutMs?: number;
}

export class Ranking {
  private readonly bundle: Bundle;
  private readonly chem: ChemPool;
  private readonly score: ScoreModel | undefined;
  private readonly evidence: EvidenceSource | undefined;
  private readonly compareTimeoutMs: number;
  private loaded: Library | undefined;
  private exactIndex: VectorIndex | undefined;

  constructor(bundle: Bundle, score: ScoreModel | undefined, { chem, evidence, compareTimeoutMs }: RankingDependencies) {
    this.bundle = bundle;
    this.chem = chem;
    this.score = score;
    this.evidence = evidence;
    this.compareTimeoutMs = compareTimeoutMs ?? COMPARE_LIMIT_MS;
  }

  get hasScore(): boolean {
    return this.score !== undefined;
  }

  /** What is read of all molecules; loaded at the first use. */
  get library(): Library {
    return (this.loaded ??= new Library(this.bundle.vectors, this.bundle.molecules));
  }

  async rank(query: RankedQuery, options: RankingOptions): Promise<Ranked> {
    const { library } = this;
    const { filters, mode, k } = options;
    if (!Number.isInteger(k) || k < 1) throw new IsoLensError('ARGUMENT_INVALID', `Expected k to be an integer of at least 1 but received ${k}.`);
    const required = await this.readPatterns(filters);
    const scorer = (query.profile === undefined && query.stored === undefined) || mode === 'similarity' || this.score === undefined ? undefined : new Scorer(this.score, mode);
    const steps: FilterStep[] = [];
    const queryRow = (): number | undefined => {
      if (query.stored !== undefined) return query.stored;
      if (query.profile === undefined) return undefined;
      library.profiles.ask(query.vector, query.profile);
      return library.profiles.query;
    };
    const own = queryRow();
    // Now: another query may take the place of this one's row at every wait.
    const queryDescriptors = own === undefined ? undefined : library.descriptorsOf(own);
    const isHop = mode === 'hop' || filters.differentScaffold === true;
    let allowed = applyFilters(library, { ...filters, differentScaffold: isHop }, own === undefined ? undefined : { row: own }, options.excluded, steps);
    const screen = await this.screen(required, filters, allowed, steps);
    allowed = screen.allowed;
    const open = allowed?.count() ?? library.count;
    const least = (filters.diversity ?? 0) > 0 ? Math.max(POOL * k, SMALL_POOL) : k;
    // What is looked at one by one is dear: of it no more is taken than is shown.
    const weighs = this.evidence !== undefined && scorer !== undefined && scorer.weightOf('replacement') !== 0;
    const wanted = weighs && screen.isDecided && mode !== 'replace' ? Math.max(least, PAIRED) : least;
    let selected: Selected = { candidates: [], isIncomplete: false };
    for (const breadth of options.exact ? [Number.POSITIVE_INFINITY] : BREADTHS) {
      // Another query may have taken the place of the query's row while this one waited.
      queryRow();
      const found = findCandidates(library.profiles, { vector: query.vector, row: own }, scorer, allowed, breadth, (vector, count, among) => this.nearest(vector, count, among, options));
      selected = await this.select(found, wanted, query, options, screen);
      if (selected.candidates.length >= least || selected.isIncomplete || breadth >= open) break;
    }
    const pairs = await this.pairsOf(selected.candidates, query, own !== undefined && (weighs || options.reasons));
    const ranked = weighs ? informed(selected.candidates, pairs, scorer) : selected.candidates;
    const { diversity = 0 } = filters;
    const relevance = ({ rank }: Candidate): number => (scorer === undefined ? rank : probabilityOf(rank));
    const candidates = diversity > 0
      ? diversify(ranked, k, diversity, relevance, (a, b) => library.profiles.ecfp4Tanimoto(a, b))
      : ranked.slice(0, k);
    return { candidates, scorer, queryDescriptors, pairs, steps, isIncomplete: selected.isIncomplete || screen.isIncomplete };
  }

  /** What the query and each of these share, as far as time allows. */
  compare(from: string, to: readonly string[]): Promise<(Comparison | undefined)[]> {
    return compareAll(this.chem, from, to, this.compareTimeoutMs);
  }

  /** Refuses what cannot be read before anything is searched. Bits of what is required. */
  private async readPatterns({ require = [], forbid = [] }: SearchFilters): Promise<Uint32Array[]> {
    if (require.length + forbid.length === 0) return [];
    const outcomes = await this.chem.pattern([...require, ...forbid], { urgent: true });
    return outcomes.flatMap((outcome, i) => {
      if (!outcome.ok) throw new IsoLensError(outcome.error.code === 'MOLECULE_TIMEOUT' || outcome.error.code === 'MOLECULE_UNSUPPORTED' ? 'SMARTS_INVALID' : outcome.error.code, outcome.error.message);
      return i < require.length ? [new Uint32Array(new Uint8Array(outcome.value.bits).buffer)] : [];
    });
  }

  /** Leaves out what lacks a bit of a required pattern; decides all that are left where they are few. */
  private async screen(required: readonly Uint32Array[], filters: SearchFilters, allowed: Bitset | undefined, steps: FilterStep[]): Promise<Screened> {
    const { require = [], forbid = [] } = filters;
    const stop = AbortSignal.timeout(MATCH_LIMIT_MS);
    if (require.length + forbid.length === 0) return { allowed, isDecided: true, isIncomplete: false, stop };
    const { library } = this;
    const rows: number[] = [];
    for (let row = 0; row < library.count; row++) if ((allowed === undefined || allowed.has(row)) && required.every((pattern) => library.canHold(row, pattern))) rows.push(row);
    const name = [...require.map((smarts) => `with ${smarts}`), ...forbid.map((smarts) => `without ${smarts}`)].join(', ');
    if (rows.length > COUNTED) {
      steps.push({ filter: `${name} (at most)`, remaining: rows.length });
      return { allowed: Bitset.of(library.count, rows), isDecided: false, isIncomplete: false, stop };
    }
    const verdicts = await this.match(rows, filters, stop);
    const left = rows.filter((_, i) => verdicts[i] === PASSED);
    steps.push({ filter: name, remaining: left.length });
    return { allowed: Bitset.of(library.count, left), isDecided: true, isIncomplete: verdicts.includes(UNDECIDED), stop };
  }

  /** A pattern that takes too long leaves what is not done undecided: SMARTS can take exponential time. */
  private async match(rows: readonly number[], { require = [], forbid = [] }: SearchFilters, stop: AbortSignal): Promise<Uint8Array> {
    const verdicts = new Uint8Array(rows.length).fill(UNDECIDED);
    for (let from = 0; from < rows.length && !stop.aborted; from += MATCHED_AT_ONCE) {
      const part = rows.slice(from, from + MATCHED_AT_ONCE).map((row) => this.bundle.molecules.get(row).smiles);
      const found = await this.chem.substructure(part, { require, forbid }, { urgent: true, signal: stop }).catch((thrown: unknown) => {
        if (stop.aborted) return new Uint8Array(0);
        throw thrown;
      });
      verdicts.set(found, from);
    }
    return verdicts;
  }

  /** The best that pass what is looked at one by one: substructures, single changes, one of each scaffold. */
  private async select(found: readonly Candidate[], wanted: number, query: RankedQuery, options: RankingOptions, { isDecided, stop }: Screened): Promise<Selected> {
    const { filters, mode } = options;
    const { profiles } = this.library;
    const chosen: Candidate[] = [];
    const scaffolds = new Set<number>();
    const take = (candidate: Candidate): void => {
      const scaffold = profiles.scaffolds[candidate.row]!;
      // Molecules without rings share no scaffold.
      if (filters.onePerScaffold === true && scaffold !== 0 && scaffolds.has(scaffold)) return;
      scaffolds.add(scaffold);
      if (chosen.length < wanted) chosen.push(candidate);
    };
    if (isDecided && mode !== 'replace') {
      for (const candidate of found) take(candidate);
      return { candidates: chosen, isIncomplete: false };
    }
    const step = mode === 'replace' ? COMPARED_AT_ONCE : MATCHED_AT_ONCE;
    const most = mode === 'replace' ? LOOKED_UP : MOST_MATCHED;
    let isIncomplete = false;
    for (let from = 0; from < found.length && chosen.length < wanted; from += step) {
      if (from >= most || (stop.aborted && !isDecided)) return { candidates: chosen, isIncomplete: mode !== 'replace' || isIncomplete };
      const part = found.slice(from, from + step);
      const verdicts = isDecided ? undefined : await this.match(part.map(({ row }) => row), filters, stop);
      isIncomplete ||= verdicts?.includes(UNDECIDED) === true;
      const passed = part.filter((_, i) => verdicts === undefined || verdicts[i] === PASSED);
      const single = mode === 'replace' ? await this.singleChanges(query, passed) : undefined;
      // What was not compared in time may be one.
      isIncomplete ||= single?.includes(undefined) === true;
      passed.forEach((candidate, i) => { if (single === undefined || single[i] === true) take(candidate); });
    }
    return { candidates: chosen, isIncomplete };
  }

  /** Whether one group alone changes, and it is not most of the molecule; undefined where they could not be compared in time. */
  private async singleChanges({ smiles }: RankedQuery, candidates: readonly Candidate[]): Promise<(boolean | undefined)[]> {
    if (smiles === null) throw new IsoLensError('ARGUMENT_INVALID', 'Expected a molecule as the query for the mode "replace" but received a picture, from which no structure is read.');
    const compared = await this.compare(smiles, candidates.map(({ row }) => this.bundle.molecules.get(row).smiles));
    return compared.map((comparison) => {
      if (comparison === undefined) return undefined;
      const { changes, fromAtoms } = comparison;
      const sizes = changes.flatMap(({ from, to }) => [from, to].map(heavyAtomsOf));
      return changes.length === 1 && Math.max(...sizes) <= LARGEST_GROUP && fromAtoms.length > Math.max(...sizes);
    });
  }

  /** Of the best, as far as time allows. */
  private async pairsOf(candidates: readonly Candidate[], { smiles }: RankedQuery, isWanted: boolean): Promise<ReadonlyMap<number, MatchedPair>> {
    if (!isWanted || smiles === null) return new Map();
    const rows = candidates.slice(0, PAIRED).map(({ row }) => row);
    const found = await matchedPairs(this.chem, this.evidence, smiles, rows.map((row) => this.bundle.molecules.get(row).smiles), this.compareTimeoutMs);
    return new Map(rows.flatMap((row, i) => (found[i] === undefined ? [] : [[row, found[i]]])));
  }

  /** By embedding: the graph, and where a filter leaves little of it, every allowed row. */
  private nearest(vector: Float32Array, count: number, allowed: Bitset | undefined, { exact, efSearch }: RankingOptions): Neighbours {
    if (!exact && allowed === undefined) return this.bundle.index.search(vector, count, { efSearch });
    return (this.exactIndex ??= exactOver(this.bundle.vectors)).search(vector, count, allowed === undefined ? {} : { filter: allowed });
  }
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

interface Screened {
  readonly allowed: Bitset | undefined;
  /** Every allowed row is known to hold what it must. */
  readonly isDecided: boolean;
  readonly isIncomplete: boolean;
  /** Aborted when the time for substructures is over. */
  readonly stop: AbortSignal;
}

interface Selected {
  readonly candidates: readonly Candidate[];
  readonly isIncomplete: boolean;
}

/** Of a group as SMILES: letters that begin an atom, attachment points and hydrogens aside. */
function heavyAtomsOf(smiles: string): number {
  return (smiles.replaceAll('[H]', '').match(/\[[^\]]*\]|Br|Cl|[BCNOPSFIbcnops]/g) ?? []).filter((atom) => !atom.includes('*')).length;
}
