import { readFileSync } from 'node:fs';

/**
 * Memory that a process holds now, in KB. Undefined where the system does not tell (other than Linux): there the limit
 * of the heap alone holds.
 */
export const residentKb = (pid: number): number | undefined => {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found);
  } catch {
    return undefined;
  }
};
