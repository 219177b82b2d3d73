/** What a caller reads when a function did not answer, as JSON; the shape that Lambda gives. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
}

export const timedOut = (requestId: string, timeoutSeconds: number): Failure => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
});

/** The process ended before it had finished: by itself, or by a signal that was not ours. */
export const exited = (requestId: string, code: number | null, signal: string | null): Failure => ({
  errorType: 'Runtime.ExitError',
  errorMessage:
    code === 0
      ? `RequestId: ${requestId} Error: Runtime exited without providing a reason`
      : `RequestId: ${requestId} Error: Runtime exited with error: ${code === null ? `signal: ${nameOf(signal)}` : `exit status ${code}`}`,
});

/** The service could not start the invocation: nothing of it has run. */
export const serviceFailed = (): Failure => ({
  errorType: 'ServiceException',
  errorMessage: 'The service could not begin the invocation; it is tried again as its source says.',
});

export const outOfMemory = (requestId: string): Failure => ({
  errorType: 'Runtime.OutOfMemory',
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
});

export const answerTooLarge = (limitBytes: number): Failure => ({
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${limitBytes} bytes).`,
});

const nameOf = (signal: string | null): string => {
  if (signal === 'SIGKILL') return 'killed';
  return signal === 'SIGSEGV' ? 'segmentation fault' : String(signal).replace(/^SIG/, '').toLowerCase();
};
