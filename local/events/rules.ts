import * as z from 'zod';
import { DeploymentError } from '../errors.ts';
import { checkProperties } from '../properties.ts';
import { generatedName, type Host, type ResourceProvider } from '../resources.ts';
import { inputFor } from './input.ts';
import { type EventTest, readPattern } from './pattern.ts';
import { readSchedule, type Schedule } from './schedule.ts';

const TargetSchema = z.strictObject({
  Id: z.string(),
  Arn: z
    .string()
    .regex(/^arn:aws:(lambda:.+:function:|sqs:)/, 'only functions and queues are emulated as targets of a rule'),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.coerce.number().int().min(0).max(185).default(185),
      MaximumEventAgeInSeconds: z.coerce.number().int().min(60).max(86_400).default(86_400),
    })
    .prefault({}),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  SqsParameters: z.strictObject({ MessageGroupId: z.string() }).optional(),
});

export type Target = z.infer<typeof TargetSchema>;

/** A rule as deployed. */
export interface Rule {
  readonly arn: string;
  readonly bus: string;
  readonly enabled: boolean;
  readonly matches: EventTest | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly Target[];
}

export interface RuleBook {
  /** By ARN. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** Names of event buses, `default` among them. */
  readonly buses: ReadonlySet<string>;
  readonly resources: readonly ResourceProvider[];
}

/** Rules and buses are held in memory: deploying the templates fills them at every start. */
export const createRuleBook = ({ region, accountId }: Pick<Host, 'region' | 'accountId'>): RuleBook => {
  const rules = new Map<string, Rule>();
  const buses = new Set(['default']);
  const prefix = `arn:aws:events:${region}:${accountId}:`;

  const rule: ResourceProvider = {
    type: 'AWS::Events::Rule',
    deploy(resource) {
      checkProperties(resource, [
        'Description',
        'EventBusName',
        'EventPattern',
        'Name',
        'ScheduleExpression',
        'State',
        'Targets',
      ]);
      const { EventBusName, EventPattern, Name, ScheduleExpression, State, Targets } = resource.properties;
      const name = String(Name ?? generatedName(resource, { maxLength: 64 }));
      const bus = String(EventBusName ?? 'default').replace(/^.*event-bus\//, '');
      const arn = `${prefix}rule/${bus === 'default' ? '' : `${bus}/`}${name}`;
      rules.set(arn, {
        arn,
        bus,
        enabled: State !== 'DISABLED',
        matches: EventPattern === undefined ? undefined : readPattern(EventPattern),
        schedule: ScheduleExpression === undefined ? undefined : readSchedule(String(ScheduleExpression)),
        targets: readTargets(Targets),
      });
      return { physicalId: name, attributes: { Arn: arn } };
    },
    remove({ attributes }) {
      rules.delete(attributes.Arn ?? '');
    },
  };

  const bus: ResourceProvider = {
    type: 'AWS::Events::EventBus',
    deploy(resource) {
      checkProperties(resource, ['Name', 'Description']);
      const name = String(resource.properties.Name);
      buses.add(name);
      return { physicalId: name, attributes: { Arn: `${prefix}event-bus/${name}`, Name: name } };
    },
    remove({ physicalId }) {
      buses.delete(physicalId);
    },
  };

  return { rules, buses, resources: [rule, bus] };
};

const readTargets = (targets: unknown): Target[] => {
  const parsed = z.array(TargetSchema).default([]).safeParse(targets);
  if (!parsed.success) throw new DeploymentError(`Targets: ${z.prettifyError(parsed.error)}`);
  // Filling once shows a path that cannot be followed now, and not when the first event comes.
  for (const target of parsed.data) inputFor(target, {});
  return parsed.data;
};
