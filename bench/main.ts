// npm run bench: a table of medians, or JSON. Wall-clock numbers are of this machine at this moment; the ratios to a
// baseline that was measured in turn with them are what to compare.
//   npm run bench -- [--json] [--short] [--strict] [--runs N] [--only NAME,NAME]
// Fails when a benchmark breaks, or misses a goal that is a gate (a short run: also when measured again in full); with
// --strict, when it misses any.

import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { alloc } from './benches/alloc.ts';
import { cliStart, cliVersion } from './benches/cli-start.ts';
import { linuxBenches } from './benches/linux.ts';
import { linuxVerifyBench } from './benches/linux-verify.ts';
import { broadcast, macvlan4096, macvlanBridge } from './benches/macvlan.ts';
import { netlink } from './benches/netlink.ts';
import { offload63, offloadFrame } from './benches/offload.ts';
import { tcpBulk } from './benches/tcp.ts';
import { udpVsNs3 } from './benches/udp-vs-ns3.ts';
import { type Bench, measure, meetsGoal, type Result, Skip } from './harness.ts';

const catalogue: Bench[] = [
  udpVsNs3,
  macvlanBridge,
  macvlan4096,
  broadcast,
  offloadFrame,
  offload63,
  tcpBulk,
  netlink,
  alloc,
  cliStart,
  cliVersion,
  ...linuxBenches,
  linuxVerifyBench,
];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    short: { type: 'boolean' },
    strict: { type: 'boolean' },
    runs: { type: 'string' },
    only: { type: 'string' },
  },
});

function machine(): Record<string, string | number> {
  const [cpu] = cpus();
  let commit = 'unknown';
  try {
    commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    // Outside of a clone there is no commit to name.
  }
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    commit,
  };
}

function chosen(): Bench[] {
  if (values.only === undefined) return catalogue;
  return values.only.split(',').map((name) => {
    const bench = catalogue.find((entry) => entry.name === name);
    if (bench === undefined) {
      throw new Error(`no benchmark "${name}"; there are: ${catalogue.map((entry) => entry.name).join(', ')}`);
    }
    return bench;
  });
}

function figure(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

function row(bench: Bench, result: Result): string {
  const good = meetsGoal(bench, result);
  const mark = good === null ? '' : good ? '  goal met' : '  GOAL MISSED';
  const other = result.baseline;
  return (
    bench.name.padEnd(22) +
    `${figure(result.value)} ${result.unit}`.padStart(22) +
    (other === null ? ''.padStart(34) : `${figure(other)} ${result.unit}`.padStart(22)) +
    (result.ratio === null ? '' : `${figure(result.ratio)}x`.padStart(12)) +
    mark +
    (other === null ? `  ${bench.what}` : `  ${bench.what}; against ${result.baselineName}`)
  );
}

function fails(bench: Bench, result: Result): boolean {
  if (values.strict) return meetsGoal(bench, result) === false;
  return bench.goal?.gate === true && meetsGoal(bench, result, bench.goal.slack) === false;
}

async function main(): Promise<number> {
  const say = values.json ? console.error : console.log;
  const results: Result[] = [];
  const skipped: Array<{ name: string; why: string }> = [];
  let failed = 0;
  for (const bench of chosen()) {
    try {
      const runs = Number(values.runs ?? (values.short ? 3 : 5));
      let result = await measure(bench, runs, values.short ? 0.1 : 1);
      say(row(bench, result));
      if (values.short && fails(bench, result)) {
        say(`${bench.name.padEnd(22)}  once more, in full: a short run is too short to fail`);
        result = await measure(bench, 5, 1);
        say(row(bench, result));
      }
      results.push(result);
      if (fails(bench, result)) failed++;
    } catch (error) {
      if (!(error instanceof Skip)) throw error;
      skipped.push({ name: bench.name, why: error.message });
      say(`${bench.name.padEnd(22)}  skipped: ${error.message}`);
    }
  }
  if (values.json) console.log(JSON.stringify({ machine: machine(), results, skipped }, null, 2));
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main();
