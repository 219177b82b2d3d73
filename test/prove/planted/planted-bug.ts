/** One place of a file that a bug changes. */
export interface Change {
  /** Relative to the checkout. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A bug that the proof must catch. Applied to a copy of `functions/`, never to the tree. */
export interface PlantedBug {
  /** As the table names it: what somebody got wrong. */
  readonly name: string;
  /** What comes of it. What only wastes work must be caught by a cost bound. */
  readonly harm: 'loses' | 'doubles' | 'falsifies' | 'disorders' | 'wastes';
  readonly changes: readonly Change[];
  /** Groups that are asked, one after the other, until one catches it. */
  readonly groups: readonly string[];
}
