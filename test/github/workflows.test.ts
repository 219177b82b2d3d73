import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import * as yaml from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly 'timeout-minutes'?: number;
  readonly secrets?: unknown;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = globSync('.github/workflows/*.yml');
const texts = files.map((file) => [file, readFileSync(file, 'utf8')] as const);
const workflows = texts.map(([file, text]) => [file, yaml.parse(text) as Workflow] as const);
const jobs = workflows.flatMap(([file, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => [`${file} ${name}`, job] as const),
);
const steps = jobs.flatMap(([name, { steps = [] }]) => steps.map((step) => [name, step] as const));

test('there are workflows to look at', () => {
  expect(files).toHaveLength(3);
  expect(steps.length).toBeGreaterThan(25);
});

test.each(texts)('%s names every action by the commit, and says which version that is', (_, text) => {
  const actions = [...text.matchAll(/^\s*(?:- )?uses: (?!\.\/)(.*)$/gm)].map(([, action]) => action);

  for (const action of actions) {
    expect(action).toMatch(/^(actions|aws-actions)\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

test('the same action is the same commit everywhere', () => {
  const commits = new Map<string, Set<string>>();
  for (const [, { uses }] of steps) {
    const [action = '', commit = ''] = uses?.split('@') ?? [];
    commits.set(action, (commits.get(action) ?? new Set()).add(commit));
  }

  expect([...commits].filter(([, { size }]) => size > 1)).toEqual([]);
});

test.each(workflows)('%s may do nothing but what a job asks for', (_, { permissions, on }) => {
  expect(permissions).toEqual({});
  expect(Object.keys(on)).not.toContain('pull_request_target');
  expect(Object.keys(on)).not.toContain('workflow_run');
});

test.each(jobs)('%s asks for little, and ends', (_, job) => {
  const { permissions = {}, environment, uses, secrets } = job;

  expect(Object.keys(permissions).length).toBeGreaterThan(0);
  for (const [what, access] of Object.entries(permissions)) {
    expect([what, access]).toEqual(what === 'id-token' ? ['id-token', 'write'] : ['contents', 'read']);
  }
  expect(secrets).toBeUndefined();
  // A token for AWS is given to none but jobs of an environment, which the roles' trust names.
  if (permissions['id-token'] && !uses) expect(environment).toMatch(/^\$\{\{ inputs\.stage \}\}(-plan)?$/);
  if (!uses) expect(job['timeout-minutes']).toBeGreaterThan(0);
});

describe('steps', () => {
  test.each(steps.filter(([, { run }]) => run !== undefined))(
    'of %s take what comes from outside as variables',
    (_, { run }) => {
      // What GitHub writes into a script is run by the shell; what it puts into the environment is not.
      expect(run).not.toContain('${{');
    },
  );

  test('use no secrets: AWS is reached by OIDC', () => {
    for (const [, text] of texts) expect(text).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key/);
  });

  test('keep no token of GitHub in the checkout', () => {
    const checkouts = steps.filter(([, { uses }]) => uses?.startsWith('actions/checkout@'));

    expect(checkouts.length).toBeGreaterThan(5);
    for (const [, step] of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
  });

  test('install from the lockfile alone', () => {
    for (const [, { run = '' }] of steps) expect(run).not.toMatch(/npm (i|install|update)\b/);
  });

  test('run scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const named = steps.flatMap(([, { run = '' }]) =>
      [...run.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name]) => name),
    );

    expect(named).toContain('synth');
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });
});

describe('the deployment', () => {
  const deploy = yaml.parse(readFileSync('.github/workflows/deploy-stack.yml', 'utf8')) as Workflow;
  const { plan, execute } = deploy.jobs;

  test('shows the change set in one environment and executes it in another, which can have reviewers', () => {
    expect(plan?.environment).toMatch(/inputs\.stage \}\}-plan$/);
    expect(execute?.environment).toMatch(/inputs\.stage \}\}$/);
  });

  test('executes the very change set that was shown, without building anything again', () => {
    const planned = JSON.stringify(plan?.steps);
    const executed = JSON.stringify(execute?.steps);

    expect(planned).toContain('prepare-change-set');
    expect(planned).not.toContain('execute-change-set');
    expect(executed).toContain('execute-change-set');
    expect(executed).not.toMatch(/checkout|npm|cdk/);
  });

  // GitHub's runners have jq; a developer's machine may not.
  const whereJqIs = spawnSync('jq', ['--version']).status === 0 ? describe : describe.skip;
  whereJqIs('asks for a review', () => {
    /** Runs the step that shows a change set, with an `aws` that answers like this. */
    const show = (answer: { readonly status: number; readonly says: object }) => {
      const folder = mkdtempSync(join(tmpdir(), 'assay-show-'));
      try {
        mkdirSync(join(folder, 'cdk.out'));
        writeFileSync(join(folder, 'cdk.out/manifest.json'), '{"artifacts":{"Data":{"properties":{"stackName":"S"}}}}');
        writeFileSync(join(folder, 'answer.json'), JSON.stringify(answer.says));
        const aws = `#!/bin/sh\necho "$2" >> calls\n[ "$2" = describe-change-set ] || exit 0\ncat answer.json\nexit ${answer.status}\n`;
        writeFileSync(join(folder, 'aws'), aws, { mode: 0o755 });
        writeFileSync(join(folder, 'output'), '');
        const script = plan?.steps?.find((step) => step.run?.includes('describe-change-set'))?.run ?? 'exit 9';
        const { status } = spawnSync('bash', ['-e', '-c', script], {
          cwd: folder,
          env: {
            PATH: `${folder}:${process.env.PATH}`,
            STACK: 'Data',
            CHANGE_SET: 'c',
            GITHUB_OUTPUT: join(folder, 'output'),
            GITHUB_STEP_SUMMARY: join(folder, 'summary'),
          },
        });
        const read = (name: string) => readFileSync(join(folder, name), 'utf8');
        return { status, outputs: read('output').trim().split('\n'), calls: read('calls').trim().split('\n') };
      } finally {
        rmSync(folder, { recursive: true });
      }
    };
    const set = { ChangeSetId: 'arn:c', Status: 'CREATE_COMPLETE', Changes: [] };

    test('of a change set that can be executed', () => {
      expect(show({ status: 0, says: set })).toMatchObject({ status: 0, outputs: ['name=S', 'arn=arn:c'] });
    });

    test.each([
      "The submitted information didn't contain changes. Submit different",
      'No updates are to be performed.',
    ])('not when nothing changes, and takes the change set away: %s', (StatusReason) => {
      expect(show({ status: 0, says: { ...set, Status: 'FAILED', StatusReason } })).toEqual({
        status: 0,
        outputs: ['name=S'],
        calls: ['describe-change-set', 'delete-change-set'],
      });
    });

    test('never of one that cannot be read: the run fails', () => {
      expect(show({ status: 254, says: {} })).toMatchObject({ status: 254, outputs: ['name=S'] });
    });
  });
});

describe('the roles of the workflows', () => {
  // CloudFormation's short forms are tags of YAML; here only the text behind them matters.
  const tags = ['Sub', 'Ref', 'GetAtt', 'If', 'Equals', 'Not'].flatMap((name) => [
    { tag: `!${name}`, resolve: (text: string) => text },
    { tag: `!${name}`, collection: 'seq' as const },
  ]);
  const { Resources } = yaml.parse(readFileSync('.github/aws/deployment-roles.yaml', 'utf8'), { customTags: tags }) as {
    Resources: Record<
      string,
      {
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: { Action: string; Condition: { StringEquals: Record<string, string> } }[];
          };
          Policies: { PolicyDocument: { Statement: { Action: string | string[]; Resource: string | string[] }[] } }[];
        };
      }
    >;
  };
  const actionsOf = (name: string): string[] =>
    Resources[name]?.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(
      ({ Action }) => Action,
    ) ?? [];

  test.each(Object.entries(Resources))(
    '%s is for one repository, one environment and AWS alone',
    (_, { Properties }) => {
      const [statement, ...others] = Properties.AssumeRolePolicyDocument.Statement;

      expect(others).toEqual([]);
      expect(statement?.Action).toBe('sts:AssumeRoleWithWebIdentity');
      expect(statement?.Condition.StringEquals).toEqual({
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': expect.stringMatching(
          /^repo:\$\{Repository\}:environment:\$\{Stage\}(-plan)?$/,
        ),
      });
    },
  );

  test('no action and no resource is all of them', () => {
    const statements = Object.values(Resources).flatMap(({ Properties }) =>
      Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    );

    expect(statements.length).toBeGreaterThan(6);
    for (const { Action, Resource } of statements) {
      expect([Action].flat().join()).not.toContain('*');
      expect([Resource].flat()).not.toContain('*');
    }
  });

  test('who makes change sets may do what the CDK and CloudFormation do on the way there', () => {
    // As the bootstrap's own deploy role may, in whose place the plan role makes them.
    for (const action of ['s3:GetObject', 'ssm:GetParameters', 'cloudformation:UpdateTerminationProtection']) {
      expect(readFileSync('node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml', 'utf8')).toContain(action);
      expect(actionsOf('Plan')).toContain(action);
    }
  });

  test('who makes change sets executes none, and who executes them makes none', () => {
    expect(actionsOf('Plan')).toContain('cloudformation:CreateChangeSet');
    expect(actionsOf('Plan')).not.toContain('cloudformation:ExecuteChangeSet');
    expect(actionsOf('Deploy')).toContain('cloudformation:ExecuteChangeSet');
    expect(actionsOf('Deploy')).not.toContain('cloudformation:CreateChangeSet');
    expect(actionsOf('Deploy').filter((action) => /iam:|sts:/.test(action))).toEqual([]);
  });
});
