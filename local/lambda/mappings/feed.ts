import type { Host } from '../../resources.ts';
import type { Concurrency } from '../concurrency.ts';
import type { DeployedFunction } from '../deployed-function.ts';
import type { Outcome } from '../environment.ts';
import type { Precedence } from './precedence.ts';

/** What takes items from a source and gives them to a function, batch after batch. */
export interface Feed {
  /** Checks what AWS checks when a mapping is created. @throws {DeploymentError} */
  prepare(): Promise<void>;
  start(): void;
  /** Takes no more; what is in hand goes on. */
  stop(): void;
  /** Settles once nothing is in hand any more. */
  drained(): Promise<void>;
}

/** What a feed works with. */
export interface FeedContext {
  readonly host: Host;
  readonly concurrency: Concurrency;
  /** What the feeds of queues do goes before what those of streams do. */
  readonly precedence: Precedence;
  /** @throws {DeploymentError} if the mapping's function is gone. */
  functionOf(name: string): DeployedFunction;
  /** Runs an invocation for which the feed holds a place. */
  run(deployed: DeployedFunction, payload: string): Promise<Outcome>;
}
