import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';

/** Where a stage's alarms are. */
export interface AlarmView {
  readonly region: string;
  /** What their names begin with, as `assay-prod-`. */
  readonly prefix: string;
}

/** How many alarms there are, and the names of those that sound. */
export const alarmsOf = async ({
  region,
  prefix,
}: AlarmView): Promise<{ readonly all: number; readonly sounding: readonly string[] }> => {
  const client = new CloudWatchClient({ region });
  try {
    const sounding: string[] = [];
    let all = 0;
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, { AlarmNamePrefix: prefix })) {
      all += MetricAlarms.length;
      const loud = MetricAlarms.filter(({ StateValue }) => StateValue === 'ALARM');
      sounding.push(...loud.map(({ AlarmName = '' }) => AlarmName));
    }
    return { all, sounding };
  } finally {
    client.destroy();
  }
};
