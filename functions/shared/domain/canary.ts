/**
 * Event type of the canary: what the system sends itself every few minutes to see that decisions are made. Its name
 * and its detector's are reserved. Canary events are decided like any other and counted, published, stored in the
 * lake, learned from and shown nowhere else.
 */
export const CANARY_EVENT_TYPE = 'assay_canary';

/** The detector that judges canary events. */
export const CANARY_DETECTOR = 'assay_canary';

/** Whether events of this type are the system's own. */
export const isCanary = (eventType: string): boolean => eventType === CANARY_EVENT_TYPE;

/** Whether a catalog document's name is kept for the system's own: no team may give it to a document of theirs. */
export const isReservedName = (name: string): boolean => /^assay[_-]/.test(name);
