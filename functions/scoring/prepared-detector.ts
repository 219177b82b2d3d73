import type { Member, RegisteredDetector } from '#domain/catalog/detector.ts';
import type { ModelInput } from '#domain/catalog/documents.ts';
import type { EventType } from '#domain/catalog/event-type.ts';
import type { Degradation } from '#domain/decision.ts';
import type { ListValues } from '#features/rule-context.ts';
import type { Reference } from '#model/reference.ts';
import type { TreeModel } from '#model/tree-model.ts';
import type { RuleScope } from '#rules/compile.ts';
import type { CompiledRule } from '#rules/run-rules.ts';

/** A model of the catalog, read and checked against its inputs. */
export interface EmbeddedModel {
  readonly model: TreeModel;
  readonly inputs: readonly ModelInput[];
}

/** A member as decisions name it. */
export interface PreparedMember {
  readonly member: Member;
  /** `name@version` of an embedded model, the endpoint's name of a remote one. */
  readonly model: string;
  /** SHA-256 of an embedded model's bytes. */
  readonly modelHash?: string;
  /** Absent for remote members, and for a model that could not be loaded. */
  readonly embedded?: EmbeddedModel;
}

/** A detector version of one catalog snapshot, ready to judge: nothing is read or compiled any more. Immutable. */
export interface PreparedDetector {
  readonly detector: RegisteredDetector;
  readonly eventType: EventType;
  readonly eventTypeVersion: number;
  /** Hash of the catalog snapshot. */
  readonly snapshot: string;
  /** True while the kill switch puts the detector on rules alone. */
  readonly rulesOnly: boolean;
  readonly members: readonly PreparedMember[];
  /** What margins mean; absent for a detector without one, or when it could not be loaded. */
  readonly reference?: Reference;
  readonly scope: RuleScope;
  /** Absent when a rule cannot be compiled: half of the rules are not the detector's rules. */
  readonly rules?: readonly CompiledRule[];
  /** Lists that a rule may consult. */
  readonly lists: ReadonlyMap<string, ListValues>;
  readonly listVersions: Readonly<Record<string, number>>;
  /** What could not be prepared. */
  readonly degraded: readonly Degradation[];
}
