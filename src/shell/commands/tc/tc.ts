// `tc`: options before the object, the object, batches. Each object is a file of its own. iproute2: tc/tc.c.

import type { Command, Proc } from '../../process.ts';
import { defaultOptions, Ip } from '../ip/context.ts';
import { matches } from '../iproute/args.ts';
import { runBatch } from '../iproute/batch.ts';
import { colorOption } from '../iproute/color.ts';
import { ToolError } from '../iproute/errors.ts';
import { namespaceNamed } from '../iproute/netns.ts';
import { doClass } from './class.ts';
import { doFilter } from './filter.ts';
import { doMonitor } from './monitor.ts';
import { doQdisc } from './qdisc.ts';
import { tcUsage } from './usage.ts';

/** What every object of `tc` is given. */
export class Tc extends Ip {
  /** -r: handles as they are in the messages, too. */
  raw = false;

  /** The same, for what the tool prints as text whatever was asked for. */
  override textOnly(): Tc {
    if (!this.opts.json) return this;
    const tc = new Tc(this.proc, { ...this.opts, json: false }, this.ns);
    tc.raw = this.raw;
    return tc;
  }
}

type Doer = (tc: Tc, words: readonly string[]) => number | Promise<number>;

const absent =
  (object: string): Doer =>
  () => {
    throw new ToolError(`tc: lowerdev has no "${object}" yet\n`, 1);
  };

/** Objects in the order in which abbreviations are tried; one line each. */
const OBJECTS: ReadonlyArray<readonly [string, Doer]> = [
  ['qdisc', doQdisc],
  ['class', doClass],
  ['filter', doFilter],
  ['chain', absent('chain')],
  ['actions', absent('actions')],
  ['monitor', doMonitor],
  ['exec', absent('exec')],
];

export const tcCommand: Command = {
  name: 'tc',
  summary: 'show and change qdiscs, classes and filters (iproute2)',
  async run(proc) {
    try {
      return await main(proc);
    } catch (e) {
      if (!(e instanceof ToolError)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

interface Line {
  opts: ReturnType<typeof defaultOptions>;
  raw: boolean;
  netns: string | null;
  batch: string | null;
  words: readonly string[];
}

function parseOptions(proc: Proc): Line {
  const line: Line = { opts: defaultOptions(0), raw: false, netns: null, batch: null, words: [] };
  const { argv } = proc;
  const { opts } = line;
  let i = 0;
  for (; i < argv.length && argv[i][0] === '-'; i++) {
    let opt = argv[i];
    if (opt.startsWith('--')) opt = opt.slice(1);
    const is = (full: string): boolean => opt.length > 1 && matches(opt, full);
    const need = (): string => {
      if (++i >= argv.length) throw new ToolError('Command line is not complete. Try option "help"\n', 255);
      return argv[i];
    };
    const color = colorOption(opt);
    if (is('-stats') || is('-statistics')) opts.stats++;
    else if (is('-details')) opts.details++;
    else if (is('-raw')) line.raw = true;
    else if (is('-pretty')) opts.pretty = true;
    else if (is('-Version')) {
      proc.out('tc utility, iproute2-6.1.0, libbpf 1.1.2\n');
      throw new ToolError('', 0);
    } else if (is('-iec')) opts.iec = true;
    else if (is('-help')) throw new ToolError(tcUsage, 0);
    else if (is('-force')) opts.force = true;
    else if (is('-batch')) line.batch = need();
    else if (is('-netns')) line.netns = argv[++i] ?? '(null)';
    else if (is('-Numeric')) opts.numeric = true;
    else if (is('-names') || is('-nm')) opts.resolve = true;
    else if (is('-conf') || is('-cf')) need();
    else if (color !== null) opts.color = color === 'always' || (color === 'auto' && proc.isTty);
    else if (is('-timestamp')) opts.timestamp = true;
    else if (is('-tshort')) {
      opts.timestamp = true;
      opts.tshort = true;
    } else if (is('-json')) opts.json = true;
    else if (is('-oneline')) opts.oneline = true;
    else if (is('-brief')) opts.brief = true;
    else throw new ToolError(`Option "${opt}" is unknown, try "tc -help".\n`, 255);
  }
  line.words = argv.slice(i);
  return line;
}

async function main(proc: Proc): Promise<number> {
  const line = parseOptions(proc);
  const ns = line.netns === null ? proc.ns : namespaceNamed(proc, line.netns);
  const tc = new Tc(proc, line.opts, ns);
  tc.raw = line.raw;
  try {
    if (line.batch !== null) return await runBatch(tc, line.batch, (words) => dispatch(tc, words));
    if (line.words.length === 0) throw new ToolError(tcUsage, 0);
    return await dispatch(tc, line.words);
  } finally {
    tc.close();
  }
}

async function dispatch(tc: Tc, words: readonly string[]): Promise<number> {
  const [object, ...rest] = words;
  for (const [name, run] of OBJECTS) if (matches(object, name)) return await run(tc, rest);
  if (matches(object, 'help')) throw new ToolError(tcUsage, 0);
  throw new ToolError(`Object "${object}" is unknown, try "tc help".\n`, 255, false);
}
