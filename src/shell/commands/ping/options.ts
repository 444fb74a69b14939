// ping's command line, as iputils 20221126 reads it (getopt: options anywhere, the last word is the target).
// Linux tool: iputils ping/ping.c, main().

import { parseIp4 } from '../../../uapi/format.ts';
import { type In6, in6Of } from '../../../wire/in6.ts';
import { getopt } from '../getopt.ts';
import { ProgramExit } from '../program-exit.ts';

export const usage = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
`;

export interface PingOptions {
  target: string;
  /** Words before the target: hops of a source route. */
  via: number;
  family: 0 | 4 | 6;
  audible: boolean;
  adaptive: boolean;
  broadcast: boolean;
  count: number;
  timestamps: boolean;
  ident: number | null;
  flood: boolean;
  /** -I with an address, or -B. */
  strictSource: boolean;
  source: number;
  /** -R, which IPv6 knows nothing of. */
  recordRoute: boolean;
  /** -I with an IPv6 address. */
  source6: In6 | null;
  device: string | null;
  /** Milliseconds. */
  intervalMs: number;
  intervalSet: boolean;
  noLoop: boolean;
  /** -n: addresses are not turned into names. */
  numeric: boolean;
  preload: number;
  mark: number | null;
  /** IP_PMTUDISC_*, or -1: not asked for. */
  pmtudisc: number;
  outstanding: boolean;
  pattern: number[] | null;
  quiet: boolean;
  tos: number | null;
  size: number;
  sndbuf: number | null;
  ttl: number | null;
  userLatency: boolean;
  verbose: boolean;
  /** Seconds; 0: none. */
  deadlineS: number;
  lingerMs: number;
}

/** Ends ping before it begins. */
export class PingExit extends ProgramExit {}

export const die = (text: string, code = 2): never => {
  throw new PingExit(`ping: ${text}\n`, code);
};

const WITH_VALUE = 'ceFiIlmMNpQsStTwW';
const WITHOUT = '46aAbBCdDfhLnOqRrUvV';

/** strtol_or_err(). */
function integer(text: string, min: number, max: number, maxText = String(max)): number {
  if (!/^[ \t]*[-+]?[0-9]+$/.test(text)) die(`invalid argument: '${text}'`, 1);
  const n = Number(text);
  if (n >= 2 ** 63 || n < -(2 ** 63)) die(`invalid argument: '${text}': Numerical result out of range`, 1);
  if (n < min || n > max) die(`invalid argument: '${text}': out of range: ${min} <= value <= ${maxText}`, 1);
  return n;
}

/** ping_strtod(): a number of seconds. Garbage is complained about and counts as far as it could be read. */
function seconds(text: string, warn: (text: string) => void): number {
  const m = /^[ \t]*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?/.exec(text);
  if (m === null || m[0] !== text) {
    warn(
      `ping: option argument contains garbage: ${text.slice(m === null ? 0 : m[0].length)}\nping: this will become fatal error in the future\n`,
    );
  }
  return m === null ? 0 : Number(m[0]);
}

function defaults(): PingOptions {
  return {
    target: '',
    via: 0,
    family: 0,
    audible: false,
    adaptive: false,
    broadcast: false,
    count: 0,
    timestamps: false,
    ident: null,
    flood: false,
    strictSource: false,
    source: 0,
    recordRoute: false,
    source6: null,
    device: null,
    intervalMs: 1000,
    intervalSet: false,
    noLoop: false,
    numeric: false,
    preload: 1,
    mark: null,
    pmtudisc: -1,
    outstanding: false,
    pattern: null,
    quiet: false,
    tos: null,
    size: 56,
    sndbuf: null,
    ttl: null,
    userLatency: false,
    verbose: false,
    deadlineS: 0,
    lingerMs: 10_000,
  };
}

/** Reads the command line. `warn` writes to stderr and goes on. Throws PingExit. */
export function parsePing(argv: readonly string[], warn: (text: string) => void): PingOptions {
  const o = defaults();
  const got = getopt(argv, WITHOUT, WITH_VALUE);
  for (const [option, value] of got.options) {
    if (WITH_VALUE.includes(option)) withValue(o, option, value, warn);
    else without(o, option);
  }
  if (got.error !== null) {
    const what = got.error.kind === 'invalid' ? 'invalid option' : 'option requires an argument';
    throw new PingExit(`ping: ${what} -- '${got.error.option}'\n${usage}`, 2);
  }
  const words = got.words;
  if (words.length === 0) throw new PingExit('ping: usage error: Destination address required\n', 1);
  o.target = words[words.length - 1];
  o.via = words.length - 1;
  if (o.flood && !o.intervalSet) o.intervalMs = 0;
  return o;
}

function without(o: PingOptions, c: string): void {
  if (c === '4' || c === '6') family(o, c === '4' ? 4 : 6);
  else if (c === 'a') o.audible = true;
  else if (c === 'A') o.adaptive = true;
  else if (c === 'b') o.broadcast = true;
  else if (c === 'B') o.strictSource = true;
  else if (c === 'D') o.timestamps = true;
  else if (c === 'f') o.flood = true;
  else if (c === 'h') throw new PingExit(usage, 2);
  else if (c === 'L') o.noLoop = true;
  else if (c === 'O') o.outstanding = true;
  else if (c === 'n') o.numeric = true;
  else if (c === 'q') o.quiet = true;
  else if (c === 'R') o.recordRoute = true;
  else if (c === 'U') o.userLatency = true;
  else if (c === 'v') o.verbose = true;
  else if (c === 'V') {
    throw new PingExit(
      'ping from iputils 20221126\nlibcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes\n',
      0,
      true,
    );
  }
}

function family(o: PingOptions, wanted: 4 | 6): void {
  if (o.family !== 0 && o.family !== wanted) die('only one -4 or -6 option may be specified');
  o.family = wanted;
}

const INT_MAX = 2147483647;

function withValue(o: PingOptions, c: string, value: string, warn: (text: string) => void): void {
  switch (c) {
    case 'c':
      o.count = integer(value, 1, Number.MAX_SAFE_INTEGER, '9223372036854775807');
      break;
    case 'e':
      o.ident = integer(value, 0, 65535);
      if (o.ident === 0) warn('ping: WARNING: ident 0 => forcing raw socket\n');
      break;
    case 'i': {
      const s = seconds(value, warn);
      if (s > INT_MAX / 1000) die(`bad timing interval: ${value}`);
      o.intervalMs = Math.max(0, Math.floor(s * 1000)); // a negative one passes, and waits for nothing
      o.intervalSet = true;
      break;
    }
    case 'I': {
      const ip = parseIp4(value);
      if (value.includes(':')) {
        const [text, device] = value.split('%');
        o.source6 = in6Of(text) ?? die(`invalid source address: ${text}`);
        o.strictSource = true;
        if (device !== undefined) o.device = device;
      } else if (ip === null) o.device = value;
      else {
        o.source = ip;
        o.strictSource = true;
      }
      break;
    }
    case 'l':
      o.preload = integer(value, 1, 65536);
      break;
    case 'm':
      o.mark = integer(value, 0, 0xffffffff, '4294967295');
      break;
    case 'M':
      if (value === 'do') o.pmtudisc = 2;
      else if (value === 'dont') o.pmtudisc = 0;
      else if (value === 'want') o.pmtudisc = 1;
      else die(`invalid -M argument: ${value}`);
      break;
    case 'p':
      o.pattern = pattern(value);
      break;
    case 'Q':
      o.tos = tos(value);
      break;
    case 's':
      o.size = integer(value, 0, INT_MAX);
      break;
    case 'S':
      o.sndbuf = integer(value, 1, INT_MAX);
      break;
    case 't':
      o.ttl = integer(value, 0, 255);
      break;
    case 'T':
      if (!['tsonly', 'tsandaddr', 'tsprespec'].includes(value)) die(`invalid timestamp type: ${value}`);
      die('the model kernel has no timestamp option (-T) yet', 1);
      break;
    case 'w':
      o.deadlineS = integer(value, 0, INT_MAX);
      break;
    case 'W': {
      const s = seconds(value, warn);
      if (s < 0 || s > INT_MAX / 1000) die(`bad linger time: ${value}`);
      o.lingerMs = Math.floor(s * 1000);
      break;
    }
    default:
      die(`lowerdev has no option -${c} yet`, 1);
  }
}

/** parsetos(): strtol() of base 16 or 10, where nothing at all counts as 0 and -1 as 255. */
function tos(text: string): number {
  const hex = /^0[xX]/.test(text);
  const digits = hex ? text.slice(2) : text;
  const sound = hex ? /^\s*[-+]?(0[xX])?[0-9a-fA-F]*$/ : /^\s*[-+]?[0-9]*$/;
  if (!sound.test(digits) || /^\s*[-+]$|^\s+$/.test(digits)) die(`bad TOS value: ${text}`);
  const value = Number.parseInt(digits, hex ? 16 : 10);
  const n = Number.isNaN(value) ? 0 : value;
  if (n > 255) die(`the decimal value of TOS bits must be in range 0-255: ${n}`);
  return n & 0xff;
}

/** -p: up to 16 bytes in hex. */
function pattern(text: string): number[] {
  const bad = text.search(/[^0-9a-fA-F]/);
  if (bad >= 0) die(`patterns must be specified as hex digits: ${text.slice(bad)}`);
  const out: number[] = [];
  for (let i = 0; i < text.length && out.length < 16; i += 2) out.push(Number.parseInt(text.slice(i, i + 2), 16));
  return out;
}
