import type { GroupResult, Scale } from './group.ts';
import { allGroups } from './groups.ts';

/** What a child process is told to do. */
export interface Order {
  readonly name: string;
  readonly scale: Scale;
  readonly seed: number;
}

/** What a child process tells. */
export type Report =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'result'; readonly result: GroupResult }
  | { readonly kind: 'fault'; readonly message: string };

// Groups one after the other, as they are ordered: each brings its own world up and down, and code that ran once is warm.
const tell = (report: Report): Promise<void> => new Promise((resolve) => process.send!(report, () => resolve()));

process.on('message', async ({ name, scale, seed }: Order) => {
  try {
    const group = (await allGroups()).find((each) => each.name === name);
    if (!group) throw new Error(`there is no group '${name}'`);
    const onProgress = (done: number): void => void tell({ kind: 'progress', done });
    await tell({ kind: 'result', result: await group.run({ scale, seed, onProgress }) });
  } catch (error) {
    await tell({ kind: 'fault', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
