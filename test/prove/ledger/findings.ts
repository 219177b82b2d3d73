/** Problems listed of one check, at most. */
const MOST_LISTED = 5;

/** Collects what does not hold; the first of each check in full, the rest as a number. */
export class Findings {
  readonly #byCheck = new Map<string, string[]>();

  add(check: string, what: string): void {
    const found = this.#byCheck.get(check) ?? [];
    this.#byCheck.set(check, found);
    found.push(what);
  }

  list(): readonly string[] {
    return [...this.#byCheck].flatMap(([check, found]) => {
      const rest = found.length - MOST_LISTED;
      const shown = found.slice(0, MOST_LISTED).map((what) => `${check}: ${what}`);
      return rest > 0 ? [...shown, `${check}: … and ${rest} more`] : shown;
    });
  }
}
