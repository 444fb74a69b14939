// `bridge`: options before the object, the object, batches. Each object is a file of its own. iproute2: bridge/bridge.c.

import type { Command, Proc } from '../../process.ts';
import { defaultOptions, Ip, type IpOptions } from '../ip/context.ts';
import { matches } from '../iproute/args.ts';
import { runBatch } from '../iproute/batch.ts';
import { colorOption } from '../iproute/color.ts';
import { ToolError } from '../iproute/errors.ts';
import { namespaceNamed } from '../iproute/netns.ts';
import { doFdb } from './fdb.ts';
import { doLink } from './link.ts';
import { doMonitor } from './monitor.ts';
import { bridgeUsage } from './usage.ts';
import { doVlan } from './vlan.ts';

type Doer = (ip: Ip, words: readonly string[]) => number | Promise<number>;

const absent =
  (object: string): Doer =>
  () => {
    throw new ToolError(`bridge: lowerdev has no "${object}" yet\n`, 1);
  };

/** Objects in the order in which abbreviations are tried. */
const OBJECTS: ReadonlyArray<readonly [string, Doer]> = [
  ['link', doLink],
  ['fdb', doFdb],
  ['mdb', absent('mdb')],
  ['vlan', doVlan],
  ['vni', absent('vni')],
  ['monitor', doMonitor],
];

export const bridgeCommand: Command = {
  name: 'bridge',
  summary: 'show and change bridge ports and forwarding databases (iproute2)',
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
  opts: IpOptions;
  netns: string | null;
  batch: string | null;
  words: readonly string[];
}

function parseOptions(proc: Proc): Line {
  const line: Line = { opts: defaultOptions(0), netns: null, batch: null, words: [] };
  const { argv } = proc;
  const { opts } = line;
  let i = 0;
  for (; i < argv.length; i++) {
    let opt = argv[i];
    if (opt === '--') {
      i++;
      break;
    }
    if (opt[0] !== '-') break;
    if (opt.startsWith('--')) opt = opt.slice(1);
    const is = (full: string): boolean => opt.length > 1 && matches(opt, full);
    const need = (): string => {
      if (++i >= argv.length) throw new ToolError('Command line is not complete. Try option "help"\n', 255);
      return argv[i];
    };
    if (is('-help')) throw new ToolError(bridgeUsage, 255);
    if (is('-Version')) {
      proc.out('bridge utility, 6.1.0\n');
      throw new ToolError('', 0);
    }
    const color = colorOption(opt);
    if (is('-stats') || is('-statistics')) opts.stats++;
    else if (is('-details')) opts.details++;
    else if (is('-oneline')) opts.oneline = true;
    else if (is('-timestamp')) opts.timestamp = true;
    else if (is('-family')) need();
    else if (opt === '-4') opts.family = 2;
    else if (opt === '-6') opts.family = 10;
    else if (is('-netns')) line.netns = argv[++i] ?? '(null)';
    else if (color !== null) opts.color = color === 'always' || (color === 'auto' && proc.isTty);
    else if (is('-compressvlans')) opts.resolve = true;
    else if (is('-force')) opts.force = true;
    else if (is('-json')) opts.json = true;
    else if (is('-pretty')) opts.pretty = true;
    else if (is('-batch')) line.batch = need();
    else throw new ToolError(`Option "${opt}" is unknown, try "bridge help".\n`, 255);
  }
  line.words = argv.slice(i);
  return line;
}

async function main(proc: Proc): Promise<number> {
  const line = parseOptions(proc);
  const ns = line.netns === null ? proc.ns : namespaceNamed(proc, line.netns);
  const ip = new Ip(proc, line.opts, ns);
  try {
    if (line.batch !== null) return await runBatch(ip, line.batch, (words) => dispatch(ip, words));
    if (line.words.length === 0) throw new ToolError(bridgeUsage, 255);
    return await dispatch(ip, line.words);
  } finally {
    ip.close();
  }
}

async function dispatch(ip: Ip, words: readonly string[]): Promise<number> {
  const [object, ...rest] = words;
  for (const [name, run] of OBJECTS) if (matches(object, name)) return run(ip, rest);
  if (matches(object, 'help')) throw new ToolError(bridgeUsage, 255);
  throw new ToolError(`Object "${object}" is unknown, try "bridge help".\n`, 255, false);
}
