/** Largest event that a mapping gives a function, in bytes. */
export const LARGEST_EVENT_BYTES = 6 * 1024 * 1024;
const ENVELOPE_BYTES = 100;

/** Records in their order, cut into batches whose events stay within Lambda's limit; a record alone is never cut. */
export const withinLimit = <T>(records: readonly T[], limitBytes = LARGEST_EVENT_BYTES): T[][] => {
  const batches: T[][] = [];
  let bytes = 0;
  for (const record of records) {
    const length = Buffer.byteLength(JSON.stringify(record)) + 1;
    const last = batches.at(-1);
    if (last && bytes + length <= limitBytes) {
      last.push(record);
      bytes += length;
    } else {
      batches.push([record]);
      bytes = ENVELOPE_BYTES + length;
    }
  }
  return batches;
};
