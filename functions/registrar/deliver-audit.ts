import type { AuditArchive, AuditTrail } from '#ports/audit-trail.ts';
import type { Deadline } from '#ports/clock.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';

export interface AuditPorts {
  readonly audit: AuditTrail;
  readonly archive: AuditArchive;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Time that is left for other work when there is much to deliver. */
const LEAST_MS = 2_000;

/**
 * Brings entries of the audit log to the archive, in their order. May be repeated at any point, and never throws: what
 * was not delivered is counted as `AuditUndelivered`, stays in the registry, and is delivered by the next run.
 */
export const deliverAudit = async (deadline: Deadline, ports: AuditPorts): Promise<void> => {
  const { audit, archive, metrics, logger } = ports;
  try {
    while (deadline.remainingMs() > LEAST_MS) {
      const entries = await audit.undelivered(deadline);
      const last = entries.at(-1);
      if (!last) return;
      for (const entry of entries) await archive.keep(entry, deadline);
      await audit.markDelivered(last.sequence, deadline);
    }
  } catch (error) {
    metrics.count('AuditUndelivered');
    logger.error('audit entries could not be delivered; the next run tries again', error);
  }
};
