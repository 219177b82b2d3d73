import type { RoleSession } from '../resources.ts';
import type { FunctionDefinition } from './definition.ts';

/** A function that is deployed. */
export interface DeployedFunction {
  readonly definition: FunctionDefinition;
  readonly session: RoleSession;
  /** Folder with its unpacked code. */
  readonly taskRoot: string;
}
