/** A column as Glue names it and its type. */
export type GlueColumn = readonly [name: string, type: 'string' | 'int' | 'double' | 'timestamp', comment?: string];

const ORIGIN: readonly GlueColumn[] = [
  ['file_id', 'string', 'Of an event that came in a file or a batch'],
  ['file_row', 'int', 'Its row there'],
  ['request_id', 'string', 'Of an event that came by a call of its own'],
];

/** The tables of the lake as Glue knows them: what functions/lake/tables.ts writes, held together by a test. */
export const GLUE_TABLES: Readonly<Record<string, readonly GlueColumn[]>> = {
  events: [
    ['event_id', 'string'],
    ['occurred_at', 'timestamp'],
    ['committed_at', 'timestamp'],
    ['content_hash', 'string'],
    ...ORIGIN,
    ['entities_json', 'string', 'Token of each entity by its role'],
    ['variables_json', 'string', 'Variables; those that are personal as tokens'],
  ],
  decisions: [
    ['event_id', 'string'],
    ['detector', 'string'],
    ['detector_version', 'int'],
    ['event_type_version', 'int'],
    ['occurred_at', 'timestamp'],
    ['decided_at', 'timestamp'],
    ['committed_at', 'timestamp'],
    ['outcome', 'string', 'The first of the outcomes'],
    ['outcomes_json', 'string'],
    ['score', 'int', '0 to 1000'],
    ['probability', 'double', '0 to 1, calibrated'],
    ['rung', 'string', 'How much of the detector answered'],
    ['degraded', 'int', 'How many things were missing'],
    ...ORIGIN,
    ['content_hash', 'string'],
    ['snapshot', 'string', 'Hash of the catalog that decided'],
    ['entities_json', 'string', 'Token of each entity by its role'],
    ['variables_json', 'string', 'Variables; those that are personal as tokens'],
    ['features_json', 'string', 'Features as they were when deciding'],
    ['members_json', 'string', 'What each model said, with its hash'],
    ['lists_json', 'string', 'Version of each list that was used'],
    ['rules_json', 'string', 'Rules that matched'],
    ['record_json', 'string', 'The whole decision, as it is replayed'],
  ],
  feedback: [
    ['feedback_id', 'string'],
    ['event_id', 'string'],
    ['kind', 'string', 'label or action'],
    ['value', 'string'],
    ['source', 'string'],
    ['happened_at', 'timestamp'],
    ['said_at', 'timestamp'],
    ['received_at', 'timestamp'],
    ['committed_at', 'timestamp'],
    ...ORIGIN,
    ['record_json', 'string'],
  ],
};
