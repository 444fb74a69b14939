// iperf3's command line. What a lab has no use for is accepted and has no effect (-Z, -A, --forceflush); what it lacks is
// refused by name. Linux tool: iperf 3.12, iperf_api.c, iperf_parse_arguments().

import { wordTable } from '../../../base/word-table.ts';
import { ProgramExit } from '../program-exit.ts';
import { usage } from './usage.ts';

export interface IperfOptions {
  role: 'client' | 'server';
  host: string;
  port: number;
  oneOff: boolean;
  daemon: boolean;
  udp: boolean;
  timeS: number;
  timeSet: boolean;
  bytes: number;
  blocks: number;
  /** Bits per second; 0: as fast as it goes. */
  rate: number;
  burst: number;
  length: number;
  parallel: number;
  reverse: boolean;
  bidir: boolean;
  intervalS: number;
  json: boolean;
  bind: string | null;
  clientPort: number;
  family: 0 | 4 | 6;
  window: number;
  mss: number;
  noDelay: boolean;
  tos: number;
  congestion: string | null;
  connectTimeoutMs: number;
  logfile: string | null;
  title: string | null;
  format: string;
  verbose: boolean;
  omitS: number;
}

export class IperfExit extends ProgramExit {}

const parameterError = (what: string): never => {
  throw new IperfExit(`iperf3: parameter error - ${what}\n\n${usage}`);
};

const LONG = wordTable<[letter: string, value: boolean]>({
  port: ['p', true],
  format: ['f', true],
  interval: ['i', true],
  daemon: ['D', false],
  'one-off': ['1', false],
  verbose: ['V', false],
  json: ['J', false],
  version: ['v', false],
  server: ['s', false],
  client: ['c', true],
  udp: ['u', false],
  bitrate: ['b', true],
  bandwidth: ['b', true],
  time: ['t', true],
  bytes: ['n', true],
  blockcount: ['k', true],
  length: ['l', true],
  parallel: ['P', true],
  reverse: ['R', false],
  bidir: ['bidir', false],
  window: ['w', true],
  bind: ['B', true],
  cport: ['cport', true],
  'set-mss': ['M', true],
  'no-delay': ['N', false],
  version4: ['4', false],
  version6: ['6', false],
  tos: ['S', true],
  congestion: ['C', true],
  'linux-congestion': ['C', true],
  omit: ['O', true],
  title: ['T', true],
  zerocopy: ['Z', false],
  affinity: ['A', true],
  logfile: ['logfile', true],
  forceflush: ['forceflush', false],
  'connect-timeout': ['connect-timeout', true],
  'pacing-timer': ['pacing-timer', true],
  'repeating-payload': ['repeating-payload', false],
  'rcv-timeout': ['rcv-timeout', true],
  'snd-timeout': ['snd-timeout', true],
  'idle-timeout': ['idle-timeout', true],
  help: ['h', false],
});
const VALUES = 'pfiIFAcbtnklPwBMSCOTLX';
const SWITCHES = '1DVJvsuRN46Zhd';
/** Taken, and of no effect in a lab. */
const IGNORED = new Set(['Z', 'A', 'I', 'd', 'forceflush', 'pacing-timer', 'repeating-payload', 'rcv-timeout']);

/** 10, 1.5M, 3k: by 1024, or by 1000 for rates. Linux tool: unit_atof(), unit_atof_rate(). */
function amount(text: string, base: 1000 | 1024): number {
  const m = /^\s*([0-9]*\.?[0-9]+)([kKmMgGtT]?)/.exec(text);
  if (m === null) return 0;
  const power = m[2] === '' ? 0 : 'kmgt'.indexOf(m[2].toLowerCase()) + 1;
  return Math.floor(Number(m[1]) * base ** power);
}

const integer = (text: string): number => Number.parseInt(text, 10) || 0;

function defaults(): IperfOptions {
  return {
    role: 'client',
    host: '',
    port: 5201,
    oneOff: false,
    daemon: false,
    udp: false,
    timeS: 10,
    timeSet: false,
    bytes: 0,
    blocks: 0,
    rate: -1,
    burst: 0,
    length: 0,
    parallel: 1,
    reverse: false,
    bidir: false,
    intervalS: 1,
    json: false,
    bind: null,
    clientPort: 0,
    family: 0,
    window: 0,
    mss: 0,
    noDelay: false,
    tos: 0,
    congestion: null,
    connectTimeoutMs: -1,
    logfile: null,
    title: null,
    format: 'a',
    verbose: false,
    omitS: 0,
  };
}

/** Options as pairs; getopt_long()'s complaints end it. */
function split(argv: readonly string[]): Array<[string, string]> {
  const out: Array<[string, string]> = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i];
    if (arg.startsWith('--') && arg.length > 2) {
      const eq = arg.indexOf('=');
      const name = arg.slice(2, eq < 0 ? undefined : eq);
      const found = LONG[name];
      if (found === undefined) throw new IperfExit(`iperf3: unrecognized option '${arg}'\n${usage}`);
      if (!found[1]) out.push([found[0], '']);
      else {
        const value = eq >= 0 ? arg.slice(eq + 1) : argv[++i];
        if (value === undefined) throw new IperfExit(`iperf3: option '--${name}' requires an argument\n${usage}`);
        out.push([found[0], value]);
      }
      continue;
    }
    if (!arg.startsWith('-') || arg === '-') continue;
    for (let j = 1; j < arg.length; j++) {
      const c = arg[j];
      if (VALUES.includes(c)) {
        const value = j + 1 < arg.length ? arg.slice(j + 1) : argv[++i];
        if (value === undefined) throw new IperfExit(`iperf3: option requires an argument -- '${c}'\n${usage}`);
        out.push([c, value]);
        break;
      }
      if (!SWITCHES.includes(c)) throw new IperfExit(`iperf3: invalid option -- '${c}'\n${usage}`);
      out.push([c, '']);
    }
  }
  return out;
}

/** Throws IperfExit. */
export function parseIperf(argv: readonly string[]): IperfOptions {
  const o = defaults();
  const seen = { client: false, server: false, clientOnly: false, serverOnly: false };
  for (const [c, value] of split(argv)) apply(o, c, value, seen);
  if (seen.client && seen.server) parameterError('cannot be both server and client');
  if (!seen.client && !seen.server) parameterError('must either be a client (-c) or server (-s)');
  o.role = seen.client ? 'client' : 'server';
  if (seen.server && seen.clientOnly) parameterError('some option you are trying to set is client only');
  if (seen.client && seen.serverOnly) parameterError('some option you are trying to set is server only');
  const ends = (o.timeSet ? 1 : 0) + (o.bytes > 0 ? 1 : 0) + (o.blocks > 0 ? 1 : 0);
  if (ends > 1) parameterError('only one test end condition (-t, -n, -k) may be specified');
  if (o.reverse && o.bidir) parameterError('cannot be both reverse and bidirectional');
  if (o.bytes > 0 || o.blocks > 0) o.timeS = 0;
  if (o.rate < 0) o.rate = o.udp ? 1_000_000 : 0;
  return o;
}

interface Seen {
  client: boolean;
  server: boolean;
  clientOnly: boolean;
  serverOnly: boolean;
}

function apply(o: IperfOptions, c: string, value: string, seen: Seen): void {
  if (IGNORED.has(c)) return;
  if ('utnkbPRwMNSCOl'.includes(c) || c === 'bidir' || c === 'cport' || c === 'connect-timeout') seen.clientOnly = true;
  if (c === '1' || c === 'D') seen.serverOnly = true;
  switch (c) {
    case 's':
      seen.server = true;
      return;
    case 'c':
      seen.client = true;
      o.host = value;
      return;
    case 'p':
      o.port = integer(value);
      if (o.port < 1 || o.port > 65535) parameterError('port number must be between 1 and 65535 inclusive');
      return;
    case '1':
      o.oneOff = true;
      return;
    case 'D':
      o.daemon = true;
      return;
    case 'u':
      o.udp = true;
      return;
    case 't':
      o.timeS = integer(value);
      o.timeSet = true;
      if (o.timeS > 86400) parameterError('test duration valid values are 0 to 86400 seconds');
      return;
    case 'n':
      o.bytes = amount(value, 1024);
      return;
    case 'k':
      o.blocks = amount(value, 1024);
      return;
    case 'b': {
      const [rate, burst] = value.split('/');
      o.rate = amount(rate, 1000);
      o.burst = burst === undefined ? 0 : integer(burst);
      return;
    }
    case 'l':
      o.length = amount(value, 1024);
      return;
    case 'P':
      o.parallel = integer(value);
      if (o.parallel > 128) parameterError('number of parallel streams too large, maximum = 128');
      return;
    case 'R':
      o.reverse = true;
      return;
    case 'bidir':
      o.bidir = true;
      return;
    case 'i':
      o.intervalS = Number.parseFloat(value) || 0;
      if ((o.intervalS < 0.1 || o.intervalS > 60) && o.intervalS !== 0) {
        parameterError('invalid report interval (min = 0.1, max = 60 seconds)');
      }
      return;
    case 'J':
      o.json = true;
      return;
    case 'B':
      o.bind = value;
      return;
    case 'cport':
      o.clientPort = integer(value);
      return;
    case '4':
    case '6':
      o.family = c === '4' ? 4 : 6;
      return;
    case 'w':
      o.window = amount(value, 1024);
      return;
    case 'M':
      o.mss = integer(value);
      return;
    case 'N':
      o.noDelay = true;
      return;
    case 'S':
      o.tos = Number(value) & 255;
      return;
    case 'C':
      o.congestion = value;
      return;
    case 'connect-timeout':
      o.connectTimeoutMs = integer(value);
      return;
    case 'logfile':
      o.logfile = value;
      return;
    case 'T':
      o.title = value;
      return;
    case 'f':
      o.format = value[0];
      if (!'kmgtKMGT'.includes(o.format))
        parameterError('bad format specifier (valid formats are in the set [kmgtKMGT])');
      return;
    case 'V':
      o.verbose = true;
      return;
    case 'O':
      o.omitS = integer(value);
      if (o.omitS > 0) throw new IperfExit("iperf3: parameter error - the lab's iperf3 has no -O yet\n");
      return;
    case 'v':
      throw new IperfExit(
        'iperf 3.12 (cJSON 1.7.15)\nLinux lab\nOptional features available: TCP congestion algorithm setting\n',
        0,
        true,
      );
    case 'h':
      throw new IperfExit(usage, 0, true);
    default:
      throw new IperfExit(`iperf3: parameter error - the lab's iperf3 has no ${c.length > 1 ? '--' : '-'}${c}\n`);
  }
}
