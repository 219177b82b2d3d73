/** What is bought where, for how much. Amounts are in euros and log-normal: half of them below the median. */
export interface MerchantCategory {
  readonly median: number;
  /** Deviation of the logarithm of the amount. */
  readonly sigma: number;
  /** Share of the terminals in towns, and of those online. */
  readonly inTown: number;
  readonly online: number;
  /** Pieces in a usual basket; 0 where nobody counts them. */
  readonly items: number;
}

const category = (median: number, sigma: number, inTown: number, online: number, items: number): MerchantCategory => ({
  median,
  sigma,
  inTown,
  online,
  items,
});

export const MERCHANT_CATEGORIES = {
  grocery: category(27, 0.75, 26, 4, 9),
  restaurant: category(24, 0.7, 18, 8, 3),
  fuel: category(54, 0.4, 9, 0, 0),
  transport: category(8, 0.9, 8, 8, 0),
  clothing: category(58, 0.75, 9, 14, 2),
  electronics: category(130, 1.05, 5, 13, 1),
  pharmacy: category(16, 0.7, 8, 3, 3),
  travel: category(190, 0.9, 3, 9, 1),
  digital_goods: category(11, 1, 0, 16, 1),
  marketplace: category(36, 1, 0, 16, 2),
  entertainment: category(26, 0.8, 7, 9, 2),
  cash: category(90, 0.7, 7, 0, 0),
} as const satisfies Record<string, MerchantCategory>;

export type MerchantCategoryName = keyof typeof MERCHANT_CATEGORIES;
