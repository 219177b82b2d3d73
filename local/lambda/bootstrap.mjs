// The runtime of one environment: loads a function's handler and asks the Runtime API for invocations, one at a time.
// Plain JavaScript without dependencies, because it is started by path in a process of its own, like AWS's own client.

import { existsSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createRequire, enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
import { Worker } from 'node:worker_threads';

const { env } = process;
const [authority, environmentPath] = env.AWS_LAMBDA_RUNTIME_API.split(/\/(.*)/);
const [hostname, port] = authority.split(':');
const [compileCacheDirectory] = process.argv.slice(2);

/** Failures of the runtime itself, by the names that AWS's runtime gives them. */
const runtimeError = (name, message) => Object.assign(new Error(message), { name });

const call = (method, path, body, headers = {}) =>
  new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        hostname,
        port,
        // A connection each: a handler may run for longer than an idle one is kept.
        agent: false,
        method,
        path: `/${environmentPath}/2018-06-01/runtime/${path}`,
        headers: { ...headers, 'content-length': body === undefined ? 0 : Buffer.byteLength(body) },
      },
      (incoming) => {
        const parts = [];
        incoming.on('data', (part) => parts.push(part));
        incoming.on('end', () => resolve({ headers: incoming.headers, body: Buffer.concat(parts).toString('utf8') }));
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

/** What the caller of a failed invocation reads. */
const described = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

let requestId;

/** Tells what went wrong, to the invocation in hand or about the start. */
const report = async (error) => {
  const body = JSON.stringify(described(error));
  const path = requestId === undefined ? 'init/error' : `invocation/${requestId}/error`;
  await call('POST', path, body, { 'lambda-runtime-function-error-type': described(error).errorType, ...usage() });
};

// Not the peak that the system counts: that starts with the size of the process which started this one.
const usage = () => ({ 'x-memory-kb': String(Math.ceil(process.memoryUsage.rss() / 1024)) });

const fail = (error, exitCode) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  report(error).then(
    () => process.exit(exitCode),
    () => process.exit(exitCode),
  );
};

/** Console lines carry time, request and level, and stay one line, as AWS's runtime writes them. */
const patchConsole = () => {
  for (const [name, level] of Object.entries({
    debug: 'DEBUG',
    error: 'ERROR',
    info: 'INFO',
    log: 'INFO',
    trace: 'TRACE',
    warn: 'WARN',
  })) {
    console[name] = (...values) => {
      const text = formatWithOptions({}, ...values).replaceAll('\n', '\r');
      process.stdout.write(`${new Date().toISOString()}\t${requestId ?? 'undefined'}\t${level}\t${text}\n`);
    };
  }
};

const importModule = async (base) => {
  const require = createRequire(pathToFileURL(`${base}.js`));
  if (existsSync(`${base}.js`)) {
    try {
      return require(`${base}.js`);
    } catch (error) {
      if (error.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
      return import(pathToFileURL(`${base}.js`).href);
    }
  }
  if (existsSync(`${base}.mjs`)) return import(pathToFileURL(`${base}.mjs`).href);
  if (existsSync(`${base}.cjs`)) return require(`${base}.cjs`);
  throw runtimeError('Runtime.ImportModuleError', `Error: Cannot find module '${base.split('/').at(-1)}'`);
};

const loadHandler = async () => {
  const [, folder, module, names] = /^(.*\/)?([^/.]+)\.(.+)$/.exec(env._HANDLER) ?? [];
  if (!names) throw runtimeError('Runtime.MalformedHandlerName', `Bad handler '${env._HANDLER}'`);
  const exported = await importModule(join(env.LAMBDA_TASK_ROOT, folder ?? '', module));
  const handler = names.split('.').reduce((value, name) => value?.[name], exported);
  if (typeof handler !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${env._HANDLER} is undefined or not exported`);
  }
  if (handler.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24; make it async',
    );
  }
  return handler;
};

const contextOf = (headers) => {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  const clientContext = headers['lambda-runtime-client-context'];
  return {
    awsRequestId: requestId,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    clientContext: clientContext === undefined ? undefined : JSON.parse(clientContext),
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
};

const answerOf = (result) => {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw runtimeError('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
};

const workOn = async (handler, { headers, body }) => {
  requestId = headers['lambda-runtime-aws-request-id'];
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  try {
    const answer = answerOf(await handler(JSON.parse(body), contextOf(headers)));
    await call('POST', `invocation/${requestId}/response`, answer, usage());
  } catch (error) {
    console.error('Invoke Error', JSON.stringify(described(error)));
    await report(error);
  }
};

/**
 * Ends this process once the one that started it is gone, killed included. The pipe tells at once; a handler that
 * never yields is ended by a thread that looks every second.
 */
const endWithParent = () => {
  const watch = `const parent = process.ppid;
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;
  new Worker(watch, { eval: true, env: {}, execArgv: [] }).unref();
};

process.stdin.on('end', () => process.exit(0));
process.stdin.on('error', () => process.exit(0));
process.stdin.resume();
process.on('uncaughtException', (error) => fail(error, 129));
process.on('unhandledRejection', (reason) =>
  fail(runtimeError('Runtime.UnhandledPromiseRejection', reason instanceof Error ? reason.stack : String(reason)), 128),
);
patchConsole();
if (compileCacheDirectory) enableCompileCache(compileCacheDirectory);

try {
  const handler = await loadHandler();
  flushCompileCache();
  endWithParent();
  for (;;) {
    await workOn(handler, await call('GET', 'invocation/next'));
    requestId = undefined;
  }
} catch (error) {
  fail(error, 1);
}
