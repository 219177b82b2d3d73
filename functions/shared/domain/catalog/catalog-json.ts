import { canonicalJson } from '../content-hash.ts';

/** Members of catalog documents whose own order means something: the first four roles can be looked up by entity. */
const IN_ORDER: ReadonlySet<string> = new Set(['entities']);

/** Catalog documents as JSON: equal content, equal bytes, and roles in the order in which the team wrote them. */
export const catalogJson = (value: unknown): string => canonicalJson(value, IN_ORDER);
