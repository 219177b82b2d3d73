import type { Event } from '#domain/event.ts';
import { cellOf, type Known } from '../cells.ts';
import type { Int } from '../integers.ts';
import type { Stamp } from '../types.ts';
import type { RowLayout } from './layout.ts';
import { putLimbs } from './limbs.ts';

/** What one event alone would make of an empty row: the same for its windows, its slot, and its own features. */
export class OwnCells {
  readonly #layout: RowLayout;
  readonly lanes: Float64Array;
  /** By column of marks, in the order of the layout: the event's mark, or -1. */
  readonly marks: Int32Array;
  readonly stamps: (Stamp | undefined)[];
  /** Whether there is anything. */
  isEmpty = true;

  constructor(layout: RowLayout) {
    this.#layout = layout;
    this.lanes = new Float64Array(layout.lanes);
    this.marks = new Int32Array(layout.places.filter(({ role }) => role === 'marks').length);
    this.stamps = new Array<Stamp | undefined>(layout.stamps).fill(undefined);
  }

  /** Becomes what this event makes. */
  become(event: Event, atMs: number, known: Known): void {
    this.isEmpty = true;
    let marked = 0;
    for (const { column, role, at, length } of this.#layout.places) {
      const cell = cellOf(column, event, atMs, known);
      if (cell !== undefined) this.isEmpty = false;
      switch (role) {
        case 'added':
          if (length > 1) putLimbs(this.lanes, at, length, (cell ?? 0) as Int);
          else this.lanes[at] = (cell ?? 0) as number;
          break;
        case 'least':
        case 'greatest':
          this.lanes[at] = (cell ?? Number.NaN) as number;
          break;
        case 'stamp':
          this.stamps[at] = cell as Stamp | undefined;
          break;
        case 'marks': {
          const [mark = -1] = (cell as ReadonlySet<number> | undefined) ?? [];
          this.marks[marked++] = mark;
        }
      }
    }
  }
}
