// `ip`: options before the object, the object, batches. Each object is a file of its own. iproute2: ip/ip.c.

import { wordTable } from '../../../base/word-table.ts';
import type { Command, Proc } from '../../process.ts';
import { matches, parseNumber } from '../iproute/args.ts';
import { runBatch } from '../iproute/batch.ts';
import { colorOption } from '../iproute/color.ts';
import { ToolError } from '../iproute/errors.ts';
import { namespaceNamed } from '../iproute/netns.ts';
import { doAddr } from './addr.ts';
import { defaultOptions, Ip, type IpOptions } from './context.ts';
import { doLink } from './link.ts';
import { doMaddr } from './maddr.ts';
import { doMonitor } from './monitor.ts';
import { doNeigh } from './neigh.ts';
import { doNetconf } from './netconf.ts';
import { doNetns } from './netns.ts';
import { doRoute } from './route.ts';
import { doRule } from './rule.ts';
import { doToken } from './token.ts';

type Doer = (ip: Ip, words: readonly string[]) => number | Promise<number>;

/** Objects in the order in which abbreviations are tried; one line each. */
const OBJECTS: ReadonlyArray<readonly [string, Doer]> = [
  ['address', doAddr],
  ['maddress', doMaddr],
  ['route', doRoute],
  ['rule', doRule],
  ['neighbor', doNeigh],
  ['neighbour', doNeigh],
  ['link', doLink],
  ['monitor', doMonitor],
  ['netns', doNetns],
  ['netconf', doNetconf],
  ['token', doToken],
];

/** Objects of the real tool that the model has nothing for. */
const ABSENT = [
  'addrlabel',
  'ntable',
  'ntbl',
  'l2tp',
  'fou',
  'ila',
  'macsec',
  'tunnel',
  'tunl',
  'tuntap',
  'tap',
  'tcpmetrics',
  'tcp_metrics',
  'xfrm',
  'mroute',
  'mrule',
  'vrf',
  'sr',
  'nexthop',
  'mptcp',
  'ioam',
  'stats',
];

const USAGE = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | addrlabel | amt | fou | help | ila | ioam | l2tp |
                   link | macsec | maddress | monitor | mptcp | mroute | mrule |
                   neighbor | neighbour | netconf | netns | nexthop | ntable |
                   ntbl | route | rule | sr | tap | tcpmetrics |
                   token | tunnel | tuntap | vrf | xfrm }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | mpls | bridge | link } |
                    -4 | -6 | -M | -B | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |
                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |
                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |
                    -c[olor]}
`;

const FAMILIES = wordTable<number>({ inet: 2, inet6: 10, link: 17, bridge: 7 });

export const ipCommand: Command = {
  name: 'ip',
  summary: 'show and change links, addresses, routes, neighbours and namespaces (iproute2)',
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
  version: boolean;
  words: readonly string[];
}

/** Options up to the object. An abbreviation means the first option that it fits, in the tool's order. */
function parseOptions(argv: readonly string[], isTty: boolean): Line {
  const line: Line = { opts: defaultOptions(10), netns: null, batch: null, version: false, words: [] };
  let i = 0;
  const need = (): string => {
    i++;
    if (i >= argv.length) throw new ToolError('Command line is not complete. Try option "help"\n', 255);
    return argv[i];
  };
  const needOrUsage = (): string => {
    if (i + 1 >= argv.length) throw new ToolError(USAGE, 255);
    return need();
  };
  for (; i < argv.length; i++) {
    let opt = argv[i];
    if (opt === '--') {
      i++;
      break;
    }
    if (opt[0] !== '-') break;
    if (opt.startsWith('--')) opt = opt.slice(1);
    const is = (full: string): boolean => matches(opt, full) && opt.length > 1;
    const { opts } = line;
    if (is('-loops'))
      opts.loops = Math.max(0, Number.parseInt(needOrUsage(), 10) || 0); // atoi()
    else if (is('-family')) {
      const name = needOrUsage();
      if (name === 'help') throw new ToolError(USAGE, 255);
      if (!(name in FAMILIES))
        throw new ToolError(`Error: argument "${name}" is wrong: invalid protocol family\n`, 255);
      opts.family = FAMILIES[name];
    } else if (opt === '-4') opts.family = 2;
    else if (opt === '-6') opts.family = 10;
    else if (opt === '-0') opts.family = 17;
    else if (opt === '-M') throw new ToolError('ip: lowerdev has no MPLS\n', 1);
    else if (opt === '-B') opts.family = 7;
    else if (is('-human') || is('-human-readable')) opts.human = true;
    else if (is('-iec')) opts.iec = true;
    else if (is('-stats') || is('-statistics')) opts.stats++;
    else if (is('-details')) opts.details++;
    else if (is('-resolve')) opts.resolve = true;
    else if (is('-oneline')) opts.oneline = true;
    else if (is('-timestamp')) opts.timestamp = true;
    else if (is('-tshort')) {
      opts.timestamp = true;
      opts.tshort = true;
    } else if (is('-Version')) line.version = true;
    else if (is('-force')) opts.force = true;
    else if (is('-batch')) line.batch = needOrUsage();
    else if (is('-brief')) opts.brief = true;
    else if (is('-json')) opts.json = true;
    else if (is('-pretty')) opts.pretty = true;
    else if (is('-rcvbuf')) {
      const size = needOrUsage();
      if (parseNumber(size) === null) throw new ToolError(`Invalid rcvbuf size '${size}'\n`, 255);
    } else if (colorOption(opt) !== null)
      opts.color = colorOption(opt) === 'always' || (colorOption(opt) === 'auto' && isTty);
    else if (is('-help')) throw new ToolError(USAGE, 255);
    else if (is('-netns')) line.netns = argv[++i] ?? '(null)';
    else if (is('-Numeric')) opts.numeric = true;
    else if (is('-all')) opts.all = true;
    else throw new ToolError(`Option "${opt}" is unknown, try "ip -help".\n`, 255);
  }
  line.words = argv.slice(i);
  return line;
}

async function main(proc: Proc): Promise<number> {
  const line = parseOptions(proc.argv, proc.isTty);
  if (line.version) {
    proc.out('ip utility, iproute2-6.1.0, libbpf 1.1.2\n');
    return 0;
  }
  const ns = line.netns === null ? proc.ns : namespaceNamed(proc, line.netns);
  const ip = new Ip(proc, line.opts, ns);
  try {
    if (line.batch !== null) return await runBatch(ip, line.batch, (words) => dispatch(ip, words));
    if (line.words.length === 0) {
      proc.err(USAGE);
      return 255;
    }
    return await dispatch(ip, line.words);
  } finally {
    ip.close();
  }
}

async function dispatch(ip: Ip, words: readonly string[]): Promise<number> {
  const [object, ...rest] = words;
  for (const [name, run] of OBJECTS) if (matches(object, name)) return await run(ip, rest);
  if (matches(object, 'help')) {
    ip.proc.err(USAGE);
    return 255;
  }
  if (ABSENT.some((name) => matches(object, name))) {
    throw new ToolError(`ip: lowerdev has no "${object}" yet\n`, 1);
  }
  throw new ToolError(`Object "${object}" is unknown, try "ip help".\n`, 1);
}
