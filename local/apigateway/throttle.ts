import { DeploymentError } from '../errors.ts';

/** Limits of one method, or of all, on a stage. */
export interface MethodSetting {
  /** `*` stands for all. */
  readonly httpMethod: string;
  /** `/v1/decisions`; `*` stands for all. */
  readonly resourcePath: string;
  /** Requests a second, in the long run; undefined without a limit. */
  readonly ratePerSecond: number | undefined;
  readonly burst: number | undefined;
}

const KNOWN = [
  'CacheDataEncrypted',
  'CacheTtlInSeconds',
  'CachingEnabled',
  'DataTraceEnabled',
  'HttpMethod',
  'LoggingLevel',
  'MetricsEnabled',
  'ResourcePath',
  'ThrottlingBurstLimit',
  'ThrottlingRateLimit',
];

/** @throws {DeploymentError} for a setting that is not known, or a cache. */
export const readMethodSettings = (settings: unknown): MethodSetting[] =>
  ((settings ?? []) as Record<string, unknown>[]).map((setting) => {
    const unknown = Object.keys(setting).find((name) => !KNOWN.includes(name));
    if (unknown !== undefined) throw new DeploymentError(`MethodSettings.${unknown} is not emulated`);
    if (setting.CachingEnabled === true) throw new DeploymentError('MethodSettings.CachingEnabled is not emulated');
    const path = String(setting.ResourcePath ?? '/*')
      .replace(/^\//, '')
      .replaceAll('~1', '/');
    return {
      httpMethod: String(setting.HttpMethod ?? '*'),
      resourcePath: path === '' ? '/' : path,
      ratePerSecond: setting.ThrottlingRateLimit === undefined ? undefined : Number(setting.ThrottlingRateLimit),
      burst: setting.ThrottlingBurstLimit === undefined ? undefined : Number(setting.ThrottlingBurstLimit),
    };
  });

/** The limits of a method: its own before those for all. */
export const settingFor = (
  settings: readonly MethodSetting[],
  httpMethod: string,
  resourcePath: string,
): MethodSetting | undefined =>
  settings.find((setting) => setting.httpMethod === httpMethod && setting.resourcePath === resourcePath) ??
  settings.find((setting) => setting.httpMethod === '*' && setting.resourcePath === resourcePath) ??
  settings.find((setting) => setting.httpMethod === '*' && setting.resourcePath === '*');

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** Counts requests against limits, one bucket of tokens a method. */
export interface Throttle {
  /** Whether the request may pass; if so, it is counted. */
  admit(key: string, setting: MethodSetting | undefined, nowMs: number): boolean;
}

export const createThrottle = (): Throttle => {
  const buckets = new Map<string, Bucket>();
  return {
    admit(key, setting, nowMs) {
      if (setting?.ratePerSecond === undefined) return true;
      const capacity = setting.burst ?? Math.max(1, setting.ratePerSecond);
      const bucket = buckets.get(key) ?? { tokens: capacity, filledAtMs: nowMs };
      buckets.set(key, bucket);
      const earned = (Math.max(0, nowMs - bucket.filledAtMs) / 1000) * setting.ratePerSecond;
      bucket.tokens = Math.min(capacity, bucket.tokens + earned);
      bucket.filledAtMs = nowMs;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
};
