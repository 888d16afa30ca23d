/** The protocol: tables of profiles in, replicate retrieval and mechanisms of action out, by several methods on the same items. */
import { basename } from 'node:path';
import type { Progress } from '../../core/index.ts';
import { IsoLensError, createRng } from '../../core/index.ts';
import { plateRows, readProfiles } from '../../ingest/index.ts';
import type { Profiles, ReadProfiles, Well } from '../../ingest/index.ts';
import { checkSignal } from '../define.ts';
import { compoundsOf, wellsOfCompounds } from './compounds.ts';
import { crossFitted } from './halves.ts';
import { meanOf } from '../metrics.ts';
import { measure } from './measure.ts';
import type { Measure, Valued } from './measure.ts';
import { chanceOfHit, compoundProfiles, mechanismRanks } from './mechanisms.ts';
import type { MechanismRanks } from './mechanisms.ts';
import { profileMethod } from './methods.ts';
import type { ProfileModels, ProfilePart } from './methods.ts';
import { Chance, replicateRetrieval } from './replicates.ts';

export interface ProfilesOptions {
  /** Tables, one a setting. */
  readonly data: readonly string[];
  readonly methods: readonly string[];
  /** Beside the methods; every method is then asked of the wells alone that all models may be asked. */
  readonly models?: readonly ProfileModels[];
  readonly permutations: number;
  readonly seed: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

export interface TableSummary {
  readonly table: string;
  readonly plates: number;
  readonly wells: number;
  readonly controls: number;
  readonly compounds: number;
  readonly features: number;
  readonly droppedMissing: number;
  readonly droppedConstant: number;
  readonly filled: number;
  readonly wellsWithoutCompound: number;
  readonly compoundsOfOneWell: number;
  readonly compoundsWithoutMechanism: number;
  /** No other compound of the table acts so. */
  readonly compoundsAloneInMechanism: number;
}

export interface ReplicateResult {
  /** `all`: every table together. */
  readonly table: string;
  readonly method: string;
  readonly meanAveragePrecision: Measure;
  readonly significant: Measure;
  /** Of random rankings, and of wells whose compounds were dealt out anew: what is above chance there is the protocol's own. */
  readonly chance: number;
  readonly shuffled: number;
  readonly compounds: number;
  /** Wells on plates with fewer than four controls. */
  readonly withoutControls: number;
}

export interface MechanismResult {
  readonly queries: string;
  /** Equal to `queries` within a table. */
  readonly candidates: string;
  readonly method: string;
  readonly top1: Measure;
  readonly top5: Measure;
  /** Expected of a random order. */
  readonly chance: readonly [top1: number, top5: number];
  readonly compounds: number;
}

export interface ProfilesResult {
  readonly tables: readonly TableSummary[];
  readonly replicates: readonly ReplicateResult[];
  readonly mechanisms: readonly MechanismResult[];
  readonly remarks: readonly string[];
}

const ALL = 'all';
const SHUFFLES = 3;

export async function evaluateProfiles(options: ProfilesOptions): Promise<ProfilesResult> {
  const models = options.models ?? [];
  const isAsked = (well: Well): boolean => models.every(({ parts }) => parts.some((part) => part.asks(well)));
  const methods: ProfileModels[] = [
    ...options.methods.map(profileMethod).map(({ id, apply }) => ({ id, parts: [{ apply, asks: isAsked }] })),
    ...models.map(({ id, parts }) => ({ id, parts: parts.map((part) => ({ apply: (tables: readonly Profiles[]) => part.apply(tables), asks: (well: Well) => part.asks(well) && isAsked(well) })) })),
  ];
  if (options.methods.length === 0) throw new IsoLensError('ARGUMENT_INVALID', 'Expected at least one method to compare with.');
  if (methods.length === 0 || options.data.length === 0) {
    throw new IsoLensError('ARGUMENT_INVALID', 'Expected at least one table of profiles and one method.');
  }
  for (const given of [options.data, options.methods]) {
    const twice = given.find((one, i) => given.indexOf(one) < i);
    if (twice !== undefined) throw new IsoLensError('ARGUMENT_INVALID', `Expected each table and each method once but received ${JSON.stringify(twice)} twice.`);
  }
  const tables: ReadProfiles[] = [];
  for (const path of options.data) tables.push(await readProfiles(path));
  const names = tableNames(options.data);
  const compounds = compoundsOf(tables).of;
  const run = new Run(options, methods, tables, names, compounds);
  options.progress.start('profiles', methods.length * tables.length ** 2);
  for (const method of methods) await run.by(method);
  options.progress.finish(`${tables.length} tables by ${methods.map(({ id }) => id).join(', ')}`);
  return {
    tables: tables.map((table, t) => summary(names[t]!, table, compounds[t]!)),
    replicates: run.replicates, mechanisms: run.mechanisms, remarks: [...run.remarks],
  };
}

/** Values of one row of the result: kept of the first method, to compare the others with. */
interface Items {
  readonly label: string;
  readonly values: readonly (readonly Valued[])[];
}

interface RetrievalItems {
  readonly precisions: readonly Valued[];
  readonly significant: readonly Valued[];
  readonly chance: readonly Valued[];
  readonly shuffled: number;
  readonly withoutControls: number;
}

class Run {
  readonly replicates: ReplicateResult[] = [];
  readonly mechanisms: MechanismResult[] = [];
  readonly remarks = new Set<string>();
  private readonly base = new Map<string, readonly (readonly Valued[])[]>();
  private readonly chance: Chance;
  private done = 0;
  private readonly options: ProfilesOptions;
  private readonly first: string;
  private readonly tables: readonly Profiles[];
  private readonly names: readonly string[];
  private readonly compounds: readonly Int32Array[];

  constructor(
    options: ProfilesOptions, methods: readonly ProfileModels[], tables: readonly Profiles[], names: readonly string[], compounds: readonly Int32Array[],
  ) {
    this.options = options;
    this.first = methods[0]!.id;
    this.tables = tables;
    this.names = names;
    this.compounds = compounds;
    this.chance = new Chance(options.permutations, options.seed);
  }

  async by(method: ProfileModels): Promise<void> {
    const replicates: RetrievalItems[] = [];
    const within: MechanismRanks[] = [];
    const across: MechanismRanks[] = [];
    for (let a = 0; a < this.tables.length; a++) {
      replicates.push(joined(await Promise.all(method.parts.map((part) => this.retrieve(part, a)))));
      within.push(await this.ranks(method, a, a));
      this.addReplicates(method, this.names[a]!, replicates.slice(-1));
      await this.step();
    }
    if (this.tables.length > 1) this.addReplicates(method, ALL, replicates);
    within.forEach((ranks, a) => this.addMechanisms(method, this.names[a]!, this.names[a]!, [ranks]));
    if (this.tables.length > 1) this.addMechanisms(method, ALL, 'the same', within);
    for (let a = 0; a < this.tables.length; a++) {
      for (let b = 0; b < this.tables.length; b++) {
        if (a === b) continue;
        across.push(await this.ranks(method, a, b));
        this.addMechanisms(method, this.names[a]!, this.names[b]!, across.slice(-1));
        await this.step();
      }
    }
    if (this.tables.length > 1) this.addMechanisms(method, ALL, 'another', across);
  }

  /** Of the compounds of table a that may be asked, among all of table b. */
  private async ranks(method: ProfileModels, a: number, b: number): Promise<MechanismRanks> {
    const all: MechanismRanks[] = [];
    for (const part of method.parts) {
      const { tables: [queries, candidates = queries], remarks } = await part.apply((a === b ? [a] : [a, b]).map((t) => this.tables[t]!));
      // Across tables the same is said again of fewer features.
      if (a === b) for (const remark of remarks) this.remarks.add(`${this.names[a]!}, ${method.id}: ${remark}`);
      all.push(mechanismRanks(compoundProfiles(queries!, this.asked(part, a)), compoundProfiles(candidates!, this.compounds[b]!)));
    }
    return { ranks: all.flatMap(({ ranks }) => ranks).sort((one, other) => one.compound - other.compound), alone: sumOf(all.map(({ alone }) => alone)), unknown: sumOf(all.map(({ unknown }) => unknown)) };
  }

  /** Number of the compound in each well, -1 in those that may not be asked. */
  private asked(part: ProfilePart, t: number): Int32Array {
    return this.compounds[t]!.map((compound, row) => (part.asks(this.tables[t]!.wells[row]!) ? compound : -1));
  }

  private async retrieve(part: ProfilePart, t: number): Promise<RetrievalItems> {
    const { seed } = this.options;
    const compoundOf = this.asked(part, t);
    const prepared = await crossFitted(part, this.tables[t]!, seed);
    const { compounds, withoutControls } = replicateRetrieval(prepared, compoundOf, this.chance);
    const items = (of: (one: (typeof compounds)[number]) => number): Valued[] => compounds.map((one) => ({ compound: one.compound, value: of(one) }));
    const shuffled = Array.from({ length: SHUFFLES }, (_, i) => {
      const dealt = replicateRetrieval(prepared, shuffle(compoundOf, seed + i), this.chance);
      return meanOf(dealt.compounds.map((one) => one.averagePrecision));
    });
    return {
      precisions: items((one) => one.averagePrecision), significant: items((one) => Number(one.isSignificant)),
      chance: items((one) => one.chance), shuffled: meanOf(shuffled), withoutControls,
    };
  }

  private addReplicates(method: ProfileModels, table: string, of: readonly RetrievalItems[]): void {
    const [meanAveragePrecision, significant] = this.measures(method, {
      label: `replicates ${table}`, values: [of.flatMap(({ precisions }) => precisions), of.flatMap((one) => one.significant)],
    });
    const chances = of.flatMap(({ chance }) => chance);
    const asked = of.filter(({ chance }) => chance.length > 0);
    const meanOrNaN = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : meanOf(values));
    this.replicates.push({
      table, method: method.id, meanAveragePrecision: meanAveragePrecision!, significant: significant!, chance: meanOrNaN(chances.map(({ value }) => value)),
      shuffled: meanOrNaN(asked.map((one) => one.shuffled)), compounds: new Set(chances.map(({ compound }) => compound)).size,
      withoutControls: of.reduce((sum, one) => sum + one.withoutControls, 0),
    });
  }

  private addMechanisms(method: ProfileModels, queries: string, candidates: string, of: readonly MechanismRanks[]): void {
    const ranks = of.flatMap((one) => one.ranks);
    const within = (k: number): Valued[] => ranks.map(({ compound, rank }) => ({ compound, value: Number(rank <= k) }));
    const [top1, top5] = this.measures(method, { label: `mechanisms ${queries} ${candidates}`, values: [within(1), within(5)] });
    const chance = (k: number): number => ranks.reduce((sum, one) => sum + chanceOfHit(one, k), 0) / ranks.length;
    this.mechanisms.push({
      queries, candidates, method: method.id, top1: top1!, top5: top5!, chance: [chance(1), chance(5)],
      compounds: new Set(ranks.map(({ compound }) => compound)).size,
    });
  }

  private measures(method: ProfileModels, { label, values }: Items): Measure[] {
    if (method.id === this.first) this.base.set(label, values);
    const base = method.id === this.first ? undefined : this.base.get(label);
    return values.map((items, i) => measure(items, base?.[i], this.options.seed));
  }

  /** Lets a signal through between tables. */
  private async step(): Promise<void> {
    this.options.progress.update(++this.done);
    await new Promise((resolve) => { setImmediate(resolve); });
    checkSignal(this.options.signal);
  }
}

/** The same table by the parts of one method, which ask different compounds; every compound of one method stands once, in the order of its number. */
function joined(parts: readonly RetrievalItems[]): RetrievalItems {
  const merged = (pick: (part: RetrievalItems) => readonly Valued[]): Valued[] => parts.flatMap(pick).sort((one, other) => one.compound - other.compound);
  return {
    precisions: merged(({ precisions }) => precisions), significant: merged(({ significant }) => significant), chance: merged(({ chance }) => chance),
    shuffled: meanOf(parts.map(({ shuffled }) => shuffled)), withoutControls: sumOf(parts.map(({ withoutControls }) => withoutControls)),
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The compounds dealt out anew among their wells. */
function shuffle(compoundOf: Int32Array, seed: number): Int32Array {
  const dealt = createRng(seed).shuffle([...compoundOf].filter((compound) => compound >= 0));
  return compoundOf.map((compound) => (compound < 0 ? compound : dealt.pop()!));
}

function summary(table: string, read: ReadProfiles, compoundOf: Int32Array): TableSummary {
  const wells = wellsOfCompounds(compoundOf);
  const profiles = compoundProfiles(read, compoundOf);
  const { alone, unknown } = mechanismRanks(profiles, profiles);
  return {
    table, plates: plateRows(read.wells).size, wells: read.wells.length, controls: read.wells.filter(({ isControl }) => isControl).length,
    compounds: wells.size,
    features: read.features.length, droppedMissing: read.droppedMissing.length, droppedConstant: read.droppedConstant.length, filled: read.filled,
    wellsWithoutCompound: read.wells.filter(({ isControl }, row) => !isControl && compoundOf[row]! < 0).length,
    compoundsOfOneWell: [...wells.values()].filter((rows) => rows.length < 2).length,
    compoundsWithoutMechanism: unknown, compoundsAloneInMechanism: alone,
  };
}

/** File names without their endings; whole paths where two are the same. */
function tableNames(paths: readonly string[]): string[] {
  const short = paths.map((path) => basename(path).replace(/\.gz$/i, '').replace(/\.(csv|tsv|txt|parquet)$/i, ''));
  return new Set(short).size === short.length ? short : [...paths];
}
