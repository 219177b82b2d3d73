import type { Route } from '../route.ts';
import { ADMINISTRATION_ROUTES } from './administration.ts';
import { DECISION_ROUTES } from './decisions.ts';
import { EVENT_ROUTES } from './events.ts';
import { FEEDBACK_ROUTES } from './feedback.ts';

/**
 * Every route of the API. A route that the template has and this list has not, or the reverse, fails
 * `test/openapi`: whoever adds one documents it here.
 */
export const ROUTES: readonly Route[] = [
  ...DECISION_ROUTES,
  ...EVENT_ROUTES,
  ...FEEDBACK_ROUTES,
  ...ADMINISTRATION_ROUTES,
];
