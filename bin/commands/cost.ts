import Table from 'cli-table3';
import { Command } from 'commander';
import pc from 'picocolors';

import { type Bill, billOf, totalOf, type Usage } from '../cost/bill.ts';
import { type Prices, readPrices } from '../cost/prices.ts';
import { measuredUnits, type Units } from '../cost/units.ts';

interface Flags {
  readonly eventsPerMonth: string;
  readonly fileShare: string;
  readonly retentionDays: string;
  readonly prices?: string;
  readonly json?: boolean;
}

/** `cost`: what a month on AWS costs, by service, beside Amazon Fraud Detector's list price. */
export const costCommand = (): Command =>
  new Command('cost')
    .description('what a month on AWS costs by service, from measured units and stated prices (see docs/cost.md)')
    .requiredOption('--events-per-month <number>', 'events that are decided in a month')
    .option('--file-share <share>', 'part of them that comes in files, 0 to 1; the API decides the rest', '0')
    .option('--retention-days <days>', 'how long events and decisions are kept', '540')
    .option('--prices <file>', "your region's prices, written as bin/cost/prices.yaml")
    .option('--json', 'print the bill as JSON')
    .action((flags: Flags, command: Command) => {
      const usage = usageOf(flags, command);
      const [units, prices] = [measuredUnits(), readPrices(flags.prices)];
      const bill = billOf(usage, units, prices);
      console.log(flags.json ? JSON.stringify({ ...usage, ...bill }) : inWords(usage, bill, units, prices));
    });

const usageOf = (flags: Flags, command: Command): Usage => {
  const number = (name: string, value: string, least: number, most: number): number => {
    const parsed = Number(value);
    if (value.trim() !== '' && parsed >= least && parsed <= most) return parsed;
    return command.error(`error: --${name} must be a number from ${least} to ${most}`);
  };
  return {
    eventsPerMonth: number('events-per-month', flags.eventsPerMonth, 0, 1e12),
    fileShare: number('file-share', flags.fileShare, 0, 1),
    retentionDays: number('retention-days', flags.retentionDays, 1, 3_650),
  };
};

const dollars = (value: number): string =>
  value.toLocaleString('en-GB', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const inWords = (usage: Usage, bill: Bill, { measured }: Units, { region }: Prices): string => {
  const table = new Table({
    head: ['service', 'idle', 'events', 'kept', 'USD a month'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const line of bill.lines) {
    table.push([line.service, dollars(line.idle), dollars(line.events), dollars(line.kept), dollars(totalOf(line))]);
  }
  const events = usage.eventsPerMonth.toLocaleString('en-GB');
  return [
    `${events} events a month, ${100 * usage.fileShare} % of them in files, kept for ${usage.retentionDays} days`,
    table.toString(),
    `${pc.bold(`total: ${dollars(bill.total)} USD a month`)}, of which ${dollars(bill.idle)} without any event`,
    `${dollars(bill.perThousandEvents)} USD for a thousand more events, their keeping included`,
    `Amazon Fraud Detector's list price for as many predictions: ${dollars(bill.fraudDetector)} USD`,
    pc.dim(`prices of ${region}, without free tiers; units measured on ${measured.on} by \`${measured.by}\``),
  ].join('\n');
};
