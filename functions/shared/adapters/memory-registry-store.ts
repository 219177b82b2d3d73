import type {
  ObjectStore,
  RegisteredKind,
  RegisteredVersion,
  RegistryHead,
  RegistryStore,
} from '#ports/registry-store.ts';

/** The registry in memory, for tests and for tools that need no cloud. */
export class MemoryRegistryStore implements RegistryStore {
  #head: RegistryHead | undefined;
  readonly #versions = new Map<string, RegisteredVersion>();

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

  async moveHead(head: RegistryHead, expected: number): Promise<boolean> {
    if ((this.#head?.revision ?? 0) !== expected) {
      return this.#head?.revision === head.revision && this.#head.snapshotHash === head.snapshotHash;
    }
    this.#head = head;
    return true;
  }
}

/** Objects in memory. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, Uint8Array>();

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#objects.get(key);
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.#objects.set(key, bytes);
  }
}
