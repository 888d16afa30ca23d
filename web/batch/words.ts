/** Jobs and lists in words. */
import type { Job } from '../../src/api/index.ts';
import type { Filters } from '../shell/address.ts';

const MODES: Readonly<Record<string, string>> = { default: 'what acts alike', hop: 'another scaffold', replace: 'one group changed', similarity: 'nearest', tanimoto: 'same fingerprint' };

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** "10 candidates each, what acts alike, mw<=450, without the query". */
export function optionsInWords(options: Readonly<Record<string, unknown>>): string {
  const list = (name: string): string[] => (Array.isArray(options[name]) ? options[name].map(String) : []);
  const flag = (name: string, words: string): string[] => (options[name] === true ? [words] : []);
  const number = (name: string, words: string): string[] => (typeof options[name] === 'number' ? [`${words} ${options[name]}`] : []);
  const mode = typeof options['mode'] === 'string' ? options['mode'] : 'default';
  return [
    `${counted(Number(options['k'] ?? 20), 'candidate')} each`,
    MODES[mode] ?? mode,
    ...list('properties'),
    ...list('require').map((group) => `with ${group}`),
    ...list('forbid').map((group) => `without ${group}`),
    ...number('minScore', 'score from'),
    ...number('maxTanimoto', 'Tanimoto up to'),
    ...number('scaffoldDistance', 'new part of the scaffold from'),
    ...number('diversity', 'variety'),
    ...flag('differentScaffold', 'other scaffolds only'),
    ...flag('onePerScaffold', 'one of each scaffold'),
    ...flag('noAlerts', 'no structural alerts'),
    ...flag('excludeSelf', 'without the query'),
    ...flag('exact', 'exact search'),
    ...list('among').slice(0, 1).map(() => `among ${counted(list('among').length, 'molecule')}`),
    ...list('exclude').slice(0, 1).map(() => `${counted(list('exclude').length, 'molecule')} left out`),
  ].join(', ');
}

/** Filters of the address other than the switch that stands in the form. */
export function filtersInWords({ properties, require, forbid, noAlerts, onePerScaffold, differentScaffold, maxTanimoto, scaffoldDistance, diversity }: Filters): string {
  return optionsInWords({ k: 1, properties, require, forbid, noAlerts, onePerScaffold, differentScaffold, ...(maxTanimoto === undefined ? {} : { maxTanimoto }), ...(scaffoldDistance === undefined ? {} : { scaffoldDistance }), ...(diversity === undefined ? {} : { diversity }) })
    .split(', ').slice(2).join(', ');
}

export function duration(seconds: number): string {
  if (seconds < 60) return counted(Math.max(1, Math.ceil(seconds)), 'second');
  if (seconds < 3600) return counted(Math.ceil(seconds / 60), 'minute');
  return counted(Math.ceil(seconds / 3600), 'hour');
}

/** "today at 14:03", "20 Nov 2026 at 09:12". */
export function moment(iso: string): string {
  const date = new Date(iso);
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const isToday = date.toDateString() === new Date().toDateString();
  return `${isToday ? 'today' : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })} at ${time}`;
}

/** How far it is: "120 of 800, 9 could not be answered, 8.2 a second, 2 minutes left". */
export function progressInWords({ state, done, total, rejected, perSecond, secondsLeft }: Job): string {
  const parts = [state === 'done' ? counted(total, 'query', 'queries') : `${done.toLocaleString('en')} of ${counted(total, 'query', 'queries')}`];
  if (rejected > 0) parts.push(`${rejected.toLocaleString('en')} could not be answered`);
  if (state === 'running' && perSecond !== null) parts.push(`${perSecond.toPrecision(2)} a second`);
  if (state === 'running' && secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`);
  return parts.join(', ');
}

/** A text of several lines is a molfile: its title says what it is. */
export function textInWords(text: string): string {
  if (!text.includes('\n')) return text;
  return text.split('\n', 1)[0]?.trim() || 'a molfile';
}
