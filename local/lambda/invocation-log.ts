import type { FunctionDefinition } from './definition.ts';
import type { LogFile } from './logs.ts';

/** The lines that Lambda itself adds to a function's log, for one environment. */
export interface InvocationLog {
  write(text: string): void;
  /** The environment is ready: what this took shows in the report on its first invocation. */
  started(): void;
  begun(requestId: string): void;
  timedOut(requestId: string, seconds: number): void;
  finished(requestId: string, durationMs: number, maxMemoryMb: number): void;
}

/** @param file - nothing is written without one. */
export const invocationLog = (file: LogFile | undefined, { memoryMb, version }: FunctionDefinition): InvocationLog => {
  const beganMs = performance.now();
  let initMs: number | undefined;
  const write = (text: string): void => file?.write(text);
  return {
    write,
    started() {
      initMs = performance.now() - beganMs;
    },
    begun: (requestId) => write(`START RequestId: ${requestId} Version: ${version}\n`),
    timedOut: (requestId, seconds) =>
      write(`${new Date().toISOString()} ${requestId} Task timed out after ${seconds.toFixed(2)} seconds\n`),
    finished(requestId, durationMs, maxMemoryMb) {
      const init = initMs === undefined ? '' : `\tInit Duration: ${initMs.toFixed(2)} ms`;
      initMs = undefined;
      const report = [
        `REPORT RequestId: ${requestId}`,
        `Duration: ${durationMs.toFixed(2)} ms`,
        `Billed Duration: ${Math.ceil(durationMs)} ms`,
        `Memory Size: ${memoryMb} MB`,
        `Max Memory Used: ${Math.ceil(maxMemoryMb)} MB`,
      ].join('\t');
      write(`END RequestId: ${requestId}\n${report}${init}\n`);
    },
  };
};
