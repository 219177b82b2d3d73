import { type AuditEntry, BEFORE_FIRST, type ChainEnd } from '#domain/audit.ts';
import { ServiceError } from '#domain/errors.ts';
import type { AuditArchive, AuditTrail, HeadMove } from '#ports/audit-trail.ts';
import type { Deadline } from '#ports/clock.ts';
import type {
  ObjectStore,
  RegisteredKind,
  RegisteredVersion,
  RegistryHead,
  RegistryStore,
} from '#ports/registry-store.ts';

const MOST_UNDELIVERED = 100;

/** The registry and its audit trail in memory, for tests and for tools that need no cloud. */
export class MemoryRegistryStore implements RegistryStore, AuditTrail {
  #head: RegistryHead | undefined;
  readonly #versions = new Map<string, RegisteredVersion>();
  readonly #entries: AuditEntry[] = [];
  #delivered = 0;

  async head(): Promise<RegistryHead | undefined> {
    return this.#head;
  }

  async versions(kind: RegisteredKind, name: string): Promise<readonly RegisteredVersion[]> {
    return [...this.#versions.values()]
      .filter((version) => version.kind === kind && version.name === name)
      .sort((left, right) => left.version - right.version);
  }

  async addVersion(version: RegisteredVersion): Promise<RegisteredVersion> {
    const key = `${version.kind}#${version.name}#${version.version}`;
    const first = this.#versions.get(key);
    if (first) return first;
    this.#versions.set(key, version);
    return version;
  }

  async end(): Promise<ChainEnd> {
    const { sequence, hash } = this.#entries.at(-1) ?? BEFORE_FIRST;
    return { sequence, hash };
  }

  async append(entry: AuditEntry, _deadline: Deadline, move?: HeadMove): Promise<boolean> {
    if (this.#entries.at(-1)?.hash === entry.hash) return true;
    const moved = move !== undefined && (this.#head?.revision ?? 0) !== move.expected;
    if (moved || (await this.end()).hash !== entry.previous) return false;
    this.#entries.push(entry);
    if (move) this.#head = move.head;
    return true;
  }

  async undelivered(): Promise<readonly AuditEntry[]> {
    return this.#entries.slice(this.#delivered, this.#delivered + MOST_UNDELIVERED);
  }

  async markDelivered(sequence: number): Promise<void> {
    this.#delivered = Math.max(this.#delivered, sequence);
  }
}

/** Entries of the audit log in memory. */
export class MemoryAuditArchive implements AuditArchive {
  readonly entries = new Map<number, AuditEntry>();

  async keep(entry: AuditEntry): Promise<void> {
    if (!this.entries.has(entry.sequence)) this.entries.set(entry.sequence, entry);
  }
}

/** Objects in memory. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, Uint8Array>();

  async get(key: string, _deadline?: Deadline, mostBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    const bytes = this.#objects.get(key);
    if (bytes && bytes.length > mostBytes) throw new ServiceError('too_large', `it has more than ${mostBytes} bytes`);
    return bytes;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.#objects.set(key, bytes);
  }

  /** Loses an object, as a test of what then happens has it. */
  remove(key: string): void {
    this.#objects.delete(key);
  }
}
