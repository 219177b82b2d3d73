import type { Path } from './dynalite.ts';
import type { AttributeValue, Item } from './values.ts';

const memberOf = (value: AttributeValue | undefined, piece: string | number): AttributeValue | undefined => {
  if (value === undefined) return undefined;
  if (typeof piece === 'number') return 'L' in value ? value.L[piece] : undefined;
  return 'M' in value && Object.hasOwn(value.M, piece) ? value.M[piece] : undefined;
};

/** The value at a document path, or undefined when there is none. */
export const valueAt = (item: Item, path: Path): AttributeValue | undefined =>
  path.reduce<AttributeValue | undefined>(memberOf, { M: item });

/** What to keep: all of a value, or these members of it. */
type Selection = Map<string | number, Selection> | 'all';

const selectionOf = (paths: readonly Path[]): Map<string | number, Selection> => {
  const root = new Map<string | number, Selection>();
  for (const path of paths) {
    let here = root;
    for (const [at, piece] of path.entries()) {
      if (at === path.length - 1) here.set(piece, 'all');
      const next = here.get(piece) ?? new Map();
      here.set(piece, next);
      if (next === 'all') break;
      here = next;
    }
  }
  return root;
};

const selected = (value: AttributeValue, selection: Selection): AttributeValue | undefined => {
  if (selection === 'all') return value;
  if ('M' in value) {
    const kept = selectedFrom(value.M, selection);
    return Object.keys(kept).length > 0 ? { M: kept } : undefined;
  }
  if (!('L' in value)) return undefined;
  // Elements come back in the order of the list and close up, whatever the order of the paths.
  const kept = value.L.flatMap((member, at) => {
    const inner = selection.get(at);
    return (inner && selected(member, inner)) ?? [];
  });
  return kept.length > 0 ? { L: kept } : undefined;
};

const selectedFrom = (item: Item, selection: Map<string | number, Selection>): Item => {
  const kept: Item = {};
  for (const [piece, inner] of selection) {
    if (typeof piece !== 'string' || !Object.hasOwn(item, piece)) continue;
    const value = selected(item[piece]!, inner);
    if (value) kept[piece] = value;
  }
  return kept;
};

/** The part of an item that document paths select; what is not there is left out. */
export const project = (item: Item, paths: readonly Path[]): Item => selectedFrom(item, selectionOf(paths));
