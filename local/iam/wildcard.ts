/**
 * Matches text against a pattern in which `*` stands for any run of characters and `?` for one, as IAM does.
 *
 * Linear in practice: only the last `*` is ever gone back to.
 */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
};

/** Matches an ARN part by part, so that a wildcard in one part does not reach into the next; the resource may hold colons. */
export const matchesArn = (pattern: string, arn: string): boolean => {
  const wanted = partsOf(pattern);
  const given = partsOf(arn);
  return wanted.length === given.length && wanted.every((part, index) => matchesWildcard(part, given[index] ?? ''));
};

const partsOf = (arn: string): string[] => {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
};
