/**
 * Event type of the canary: what the system sends itself every few minutes to see that decisions are made. Its name
 * and its detector's are reserved. Canary events are decided like any other and counted, published, stored in the
 * lake, learned from and shown nowhere else.
 */
export const CANARY_EVENT_TYPE = 'assay_canary';

/** Whether events of this type are the system's own. */
export const isCanary = (eventType: string): boolean => eventType === CANARY_EVENT_TYPE;
