export type { Report } from '#domain/catalog/report.ts';
