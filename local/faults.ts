/** Faults of the embedded cloud: what `cloud.faults` takes, and what rooms ask. See `README.md`. */
export type { Fault, FaultPoints, Faults, FaultyService } from './faults/fault.ts';
export { createFaults, type FaultInjection } from './faults/injection.ts';
