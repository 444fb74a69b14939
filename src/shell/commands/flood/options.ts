// The words of `flood`.

import { wordTable } from '../../../base/word-table.ts';
import { parseRate, parseTime } from '../../../lab/quantity.ts';

export const USAGE = `Usage: flood [OPTION]... ADDRESS
Sends UDP datagrams to ADDRESS as fast as asked for, and counts what the kernel says to each: which were taken, and which
were refused with what errno.

  -p, --port PORT       destination port (9, discard)
  -s, --size BYTES      payload of each datagram (1472)
  -r, --rate RATE       bits per second of payload, as 500Mbit (flat out)
      --pps N           datagrams per second instead
  -n, --count N         stop after N datagrams
  -t, --time TIME       stop after TIME, as 500ms (3s; with --count: no limit)
  -i, --interval TIME   report every TIME (1s)
  -I, --device DEVICE   send by this device (SO_BINDTODEVICE)
      --cost TIME       what one sendto() takes a processor (1us); flat out is one after the other
      --flows N         that many sockets in turn, so that a NIC may use several queues (1)
      --nonblock        count EAGAIN instead of waiting when the send buffer is full
      --recverr         with IP_RECVERR: a full qdisc is told as ENOBUFS
  -j, --json            one JSON document in the end
  -h, --help            this text

The exit code is 0, 1 when no datagram was taken, 2 for bad usage.

Examples:
  flood 10.0.0.2                        flat out for three seconds
  flood -r 5Gbit -t 1s 10.0.0.2
  flood --pps 1000 -n 100 -s 64 10.0.0.2
  ip netns exec net0 flood -j 192.168.0.10 | jq .errors
`;

export interface FloodOptions {
  to: string;
  port: number;
  size: number;
  /** Virtual ns from one datagram to the next; at least `costNs`. */
  gapNs: number;
  costNs: number;
  count: number;
  timeNs: number;
  intervalNs: number;
  device: string | null;
  flows: number;
  nonblock: boolean;
  recvErr: boolean;
  json: boolean;
}

const withValue = wordTable<string>({
  '-p': 'port',
  '-s': 'size',
  '-r': 'rate',
  '-n': 'count',
  '-t': 'time',
  '-i': 'interval',
  '-I': 'device',
});
const long = new Set(['port', 'size', 'rate', 'pps', 'count', 'time', 'interval', 'device', 'cost', 'flows']);
const switches = wordTable<'nonblock' | 'recverr' | 'json'>({
  '--nonblock': 'nonblock',
  '--recverr': 'recverr',
  '-j': 'json',
  '--json': 'json',
});

/** The options; null: the usage was asked for; a text: what is wrong. */
export function parseFlood(argv: readonly string[]): FloodOptions | string | null {
  const values = new Map<string, string>();
  const on = new Set<string>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg === '-h' || arg === '--help') return null;
    if (!arg.startsWith('-') || arg === '-') {
      words.push(arg);
      continue;
    }
    const [name, attached] = arg.startsWith('--') ? split(arg) : [arg, undefined];
    const key = withValue[name] ?? (long.has(name.slice(2)) && name.startsWith('--') ? name.slice(2) : null);
    if (key !== null) {
      const value = attached ?? argv[++i];
      if (value === undefined) return `option ${name} needs a value`;
      values.set(key, value);
    } else if (switches[arg] !== undefined) on.add(switches[arg]);
    else return `there is no option ${arg}`;
  }
  if (words.length !== 1) return words.length === 0 ? 'where to?' : `one address, not ${words.length}`;
  return checked(words[0], values, on);
}

function split(arg: string): [string, string | undefined] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function checked(to: string, values: ReadonlyMap<string, string>, on: ReadonlySet<string>): FloodOptions | string {
  let problem: string | null = null;
  const whole = (key: string, otherwise: number, min: number, max: number): number => {
    const text = values.get(key);
    if (text === undefined) return otherwise;
    const n = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(n >= min && n <= max)) problem ??= `--${key} ${text}: a whole number from ${min} to ${max} is wanted`;
    return n;
  };
  const time = (key: string, otherwise: number): number => {
    const text = values.get(key);
    if (text === undefined) return otherwise;
    const ns = parseTime(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
    if (ns === null || ns <= 0) problem ??= `--${key} ${text}: a time is wanted, as 500ms`;
    return ns ?? otherwise;
  };
  const size = whole('size', 1472, 0, 65507);
  const costNs = time('cost', 1000);
  const pps = whole('pps', 0, 1, 1e9);
  const rateText = values.get('rate');
  const rate = rateText === undefined ? 0 : parseRate(rateText);
  if (rate === null || (rateText !== undefined && rate <= 0)) return `--rate ${rateText}: a rate is wanted, as 500Mbit`;
  if (rate > 0 && pps > 0) return '--rate or --pps, not both';
  const gapNs = pps > 0 ? 1e9 / pps : rate > 0 ? (size * 8e9) / rate : 0;
  const count = whole('count', 0, 1, 1e9);
  const options: FloodOptions = {
    to,
    port: whole('port', 9, 1, 65535),
    size,
    gapNs: Math.max(costNs, gapNs),
    costNs,
    count: count === 0 ? Number.POSITIVE_INFINITY : count,
    timeNs: time('time', count === 0 ? 3e9 : Number.POSITIVE_INFINITY),
    intervalNs: time('interval', 1e9),
    device: values.get('device') ?? null,
    flows: whole('flows', 1, 1, 1024),
    nonblock: on.has('nonblock'),
    recvErr: on.has('recverr'),
    json: on.has('json'),
  };
  return problem ?? options;
}
