import Table from 'cli-table3';

export const number = new Intl.NumberFormat('en-GB');

/** Without colours of its own: cli-table3 would colour headings even where nobody can see colours. */
export const table = (head: string[]) => new Table({ head, style: { head: [], border: [], compact: true } });
