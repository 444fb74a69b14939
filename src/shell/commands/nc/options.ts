// nc's command line, as netcat-openbsd 1.219 reads it (getopt: options anywhere). What it needs of systems that a lab has
// not (unix sockets, proxies, routing tables, TLS) is refused by name.

import { wordTable } from '../../../base/word-table.ts';
import { getopt } from '../getopt.ts';
import { ProgramExit } from '../program-exit.ts';

export const usage = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]
`;

export interface NcOptions {
  listen: boolean;
  keep: boolean;
  udp: boolean;
  verbose: boolean;
  scan: boolean;
  numeric: boolean;
  shutdown: boolean;
  noStdin: boolean;
  crlf: boolean;
  family: 0 | 4 | 6;
  /** Seconds; -1: none. */
  timeoutS: number;
  quitS: number;
  /** Between lines. */
  intervalS: number;
  sourcePort: string | null;
  source: string | null;
  sndbuf: number;
  rcvbuf: number;
  ttl: number;
  tos: number;
  recvLimit: number;
  host: string | null;
  ports: string | null;
}

/** Ends nc before it begins. */
export class NcExit extends ProgramExit {}

export const die = (text: string): never => {
  throw new NcExit(`nc: ${text}\n`);
};

const SWITCHES = '46bCDdFhklNnrStUuvz';
const VALUES = 'iIMmOPpqsTVWwXx';

function number(name: string, text: string, min: number, max: number): number {
  const v = /^[ \t]*[-+]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(v)) die(`${name} invalid: ${text}`);
  if (v < min) die(`${name} too small: ${text}`);
  if (v > max) die(`${name} too large: ${text}`);
  return v;
}

const TOS = wordTable<number>({ critical: 0xa0, inetcontrol: 0xc0, lowdelay: 0x10, netcontrol: 0xe0 });

/** Throws NcExit. */
export function parseNc(argv: readonly string[]): NcOptions {
  const got = getopt(argv, SWITCHES, VALUES);
  if (got.error !== null) {
    const what =
      got.error.kind === 'invalid'
        ? `invalid option -- '${got.error.option}'`
        : `option requires an argument -- '${got.error.option}'`;
    throw new NcExit(`nc: ${what}\n${usage}`);
  }
  const o: NcOptions = {
    listen: false,
    keep: false,
    udp: false,
    verbose: false,
    scan: false,
    numeric: false,
    shutdown: false,
    noStdin: false,
    crlf: false,
    family: 0,
    timeoutS: -1,
    quitS: -1,
    intervalS: 0,
    sourcePort: null,
    source: null,
    sndbuf: 0,
    rcvbuf: 0,
    ttl: -1,
    tos: -1,
    recvLimit: 0,
    host: null,
    ports: null,
  };
  for (const [c, value] of got.options) option(o, c, value);
  words(o, got.words);
  return o;
}

function option(o: NcOptions, c: string, value: string): void {
  switch (c) {
    case 'l':
      o.listen = true;
      return;
    case 'k':
      o.keep = true;
      return;
    case 'u':
      o.udp = true;
      return;
    case 'v':
      o.verbose = true;
      return;
    case 'z':
      o.scan = true;
      return;
    case 'n':
      o.numeric = true;
      return;
    case 'N':
      o.shutdown = true;
      return;
    case 'd':
      o.noStdin = true;
      return;
    case 'C':
      o.crlf = true;
      return;
    case '4':
    case '6':
      o.family = c === '4' ? 4 : 6;
      return;
    case 'w':
      o.timeoutS = number('timeout', value, 0, 2147483);
      return;
    case 'q':
      o.quitS = Number.parseInt(value, 10) || 0;
      if (o.quitS >= 0) o.shutdown = true;
      return;
    case 'i':
      o.intervalS = number('interval', value, 0, 4294967295);
      return;
    case 'p':
      o.sourcePort = value;
      return;
    case 's':
      o.source = value;
      return;
    case 'I':
      o.rcvbuf = number('TCP receive window', value, 1, 1073741823);
      return;
    case 'O':
      o.sndbuf = number('TCP send window', value, 1, 1073741823);
      return;
    case 'M':
      o.ttl = number('ttl', value, 0, 255);
      return;
    case 'W':
      o.recvLimit = number('receive limit', value, 1, 2147483647);
      return;
    case 'T':
      o.tos = TOS[value] ?? (/^(0x[0-9a-f]+|[0-9]+)$/i.test(value) ? Number(value) & 255 : -2);
      if (o.tos === -2) die(`illegal tos value ${value}`);
      return;
    case 'h':
      throw new NcExit(`OpenBSD netcat (Debian patchlevel 1.219-1)\n${usage}`, 0);
    case 'r':
    case 'D':
    case 'S':
    case 'b':
    case 't':
      return;
    default:
      die(`the lab's nc has no -${c}`);
  }
}

function words(o: NcOptions, argv: readonly string[]): void {
  if (argv.length === 1 && o.listen) o.ports = argv[0];
  else if (argv.length === 1) {
    o.host = argv[0];
    if (!o.listen) die('missing port number');
  } else if (argv.length === 2) [o.host, o.ports] = argv;
  else if (argv.length === 0 && o.listen && o.sourcePort !== null) o.ports = o.sourcePort;
  else throw new NcExit(usage);
  if (o.listen && o.scan) die('cannot use -z and -l');
  if (!o.listen && o.keep) die('must use -l with -k');
  if (o.listen && o.source !== null && argv.length > 1) throw new NcExit(usage);
  if (o.listen && o.source !== null) o.host = o.source;
}
