import { createRng } from '../../core/index.ts';
import { plateRows } from '../../ingest/index.ts';
import type { Profiles } from '../../ingest/index.ts';
import type { ProfilePart } from './methods.ts';

/** With fewer controls a plate's half has no spread. */
export const MIN_CONTROLS = 4;

/**
 * The profiles prepared twice, each time by one half of every plate's controls; what comes back calls the other half controls. Controls
 * that profiles were scaled or whitened by lie closer to the origin than any fresh well: as negatives they would make every
 * group of treated wells look alike, even one of wells drawn at random. A plate with fewer than four controls keeps none as negatives.
 */
export async function crossFitted(part: ProfilePart, table: Profiles, seed: number): Promise<Profiles[]> {
  const rng = createRng(seed);
  const first = new Set<number>();
  const second = new Set<number>();
  for (const rows of plateRows(table.wells).values()) {
    const controls = rng.shuffle(rows.filter((row) => table.wells[row]!.isControl));
    controls.forEach((row, i) => {
      if (controls.length < MIN_CONTROLS || i % 2 === 0) first.add(row);
      if (controls.length < MIN_CONTROLS || i % 2 === 1) second.add(row);
    });
  }
  const halves: Profiles[] = [];
  for (const [fitted, other] of [[first, second], [second, first]] as const) {
    const { tables: [prepared] } = await part.apply([withControls(table, (row) => fitted.has(row))]);
    halves.push(withControls(prepared!, (row) => other.has(row) && !fitted.has(row)));
  }
  return halves;
}

function withControls(profiles: Profiles, isControl: (row: number) => boolean): Profiles {
  return { ...profiles, wells: profiles.wells.map((well, row) => ({ ...well, isControl: isControl(row) })) };
}
