// ss: sockets, asked for over sock_diag. TCP, UDP and raw sockets; unix, packet, netlink and other kinds have none in a
// lab's kernel, or are not told. Linux tool: iproute2 6.1, misc/ss.c.

import { wordTable } from '../../../base/word-table.ts';
import type { Command, Proc } from '../../process.ts';
import { serviceName } from '../sockets.ts';
import { renderTable } from './columns.ts';
import { ALL, CONN, FilterError, parseExpression, stateBits, type Test, tokens } from './filter.ts';
import { addressText, askFor, detailText, infoText, memoryText, type Sock, timerText } from './socks.ts';
import { summary } from './summary.ts';
import { usage } from './usage.ts';

const STATE_NAMES = [
  'UNKNOWN',
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'UNCONN',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
];
type Kind = 'tcp' | 'udp' | 'raw';

interface Options {
  kinds: Set<Kind | 'other'>;
  family: 0 | 2 | 10;
  all: boolean;
  listening: boolean;
  numeric: boolean;
  timer: boolean;
  details: boolean;
  memory: boolean;
  info: boolean;
  summary: boolean;
  header: boolean;
  oneline: boolean;
  rest: string[];
}

const LONG = wordTable<string>({
  help: 'h',
  version: 'V',
  numeric: 'n',
  resolve: 'r',
  all: 'a',
  listening: 'l',
  options: 'o',
  extended: 'e',
  memory: 'm',
  processes: 'p',
  info: 'i',
  summary: 's',
  ipv4: '4',
  ipv6: '6',
  packet: '0',
  tcp: 't',
  udp: 'u',
  raw: 'w',
  unix: 'x',
  'no-header': 'H',
  oneline: 'O',
});

class SsExit extends Error {
  readonly out: string;
  readonly err: string;
  readonly code: number;

  constructor(out: string, err: string, code: number) {
    super(err);
    this.out = out;
    this.err = err;
    this.code = code;
  }
}

export const ss: Command = {
  name: 'ss',
  summary: 'socket statistics (iproute2)',
  async run(proc) {
    try {
      const o = parse(proc.argv);
      if (o.summary) {
        proc.out(summary(proc));
        return 0;
      }
      show(proc, o);
      return 0;
    } catch (e) {
      if (e instanceof SsExit) {
        proc.out(e.out);
        proc.err(e.err);
        return e.code;
      }
      if (!(e instanceof FilterError)) throw e;
      proc.err(`${e.message}\n`);
      return 255;
    }
  },
};

function parse(argv: readonly string[]): Options {
  const o: Options = {
    kinds: new Set(),
    family: 0,
    all: false,
    listening: false,
    numeric: false,
    timer: false,
    details: false,
    memory: false,
    info: false,
    summary: false,
    header: true,
    oneline: false,
    rest: [],
  };
  for (const arg of argv) {
    if (arg.startsWith('--')) {
      const letter = LONG[arg.slice(2)];
      if (letter === undefined) throw new SsExit('', `ss: unrecognized option '${arg}'\n${usage}`, 255);
      letterOption(o, letter);
    } else if (arg.startsWith('-') && arg.length > 1 && o.rest.length === 0) {
      for (const c of arg.slice(1)) letterOption(o, c);
    } else o.rest.push(arg);
  }
  return o;
}

function letterOption(o: Options, c: string): void {
  switch (c) {
    case 't':
    case 'u':
    case 'w':
      o.kinds.add(c === 't' ? 'tcp' : c === 'u' ? 'udp' : 'raw');
      return;
    case 'x':
    case '0':
    case 'd':
    case 'S':
    case 'M':
      o.kinds.add('other');
      return;
    case '4':
    case '6':
      o.family = c === '4' ? 2 : 10;
      return;
    case 'a':
      o.all = true;
      return;
    case 'l':
      o.listening = true;
      return;
    case 'n':
      o.numeric = true;
      return;
    case 'o':
      o.timer = true;
      return;
    case 'e':
      o.timer = true;
      o.details = true;
      return;
    case 'm':
      o.memory = true;
      return;
    case 'i':
      o.info = true;
      return;
    case 's':
      o.summary = true;
      return;
    case 'H':
      o.header = false;
      return;
    case 'O':
      o.oneline = true;
      return;
    case 'p': // a lab does not know which process holds a socket: nothing is shown
    case 'r':
    case 'Z':
    case 'z':
      return;
    case 'V':
      throw new SsExit('ss utility, iproute2-6.1.0\n', '', 0);
    case 'h':
      throw new SsExit(usage, '', 0);
    default:
      throw new SsExit('', `ss: invalid option -- '${c}'\n${usage}`, 255);
  }
}

/** States by kind, unless named. Linux tool: filter_default_dbs(), default_dbs[]. */
function statesOf(o: Options, kind: Kind, named: number): number {
  if (named !== 0) return named;
  if (o.all) return ALL;
  const closed = 1 << 7;
  if (kind === 'tcp') return o.listening ? (1 << 10) | closed : CONN;
  return o.listening ? closed : 1 << 1;
}

function show(proc: Proc, o: Options): void {
  let named = 0;
  let i = 0;
  for (; o.rest[i] === 'state' || o.rest[i] === 'exclude'; i += 2) {
    const word = o.rest[i + 1];
    if (word === undefined) throw new SsExit('', 'ss: wrong state name: (null)\n', 255);
    if (o.rest[i] === 'state') named |= stateBits(word);
    else named = (named === 0 ? ALL : named) & ~stateBits(word);
  }
  const words = tokens(o.rest.slice(i));
  const test: Test | null = words.length > 0 ? parseExpression(words) : null;
  const kinds: Kind[] = (['raw', 'udp', 'tcp'] as const).filter((k) => o.kinds.size === 0 || o.kinds.has(k));
  const families = o.family !== 0 ? [o.family] : [2, 10];
  let ext = 0;
  if (o.memory) ext |= 1 << 6;
  if (o.info) ext |= (1 << 1) | (1 << 3);
  let every = 0;
  const rows: string[][] = [];
  for (const kind of kinds) {
    const states = statesOf(o, kind, named);
    every |= states;
    for (const family of families) {
      for (const s of askFor(proc, kind, family, { ext, states })) {
        if (test === null || test(s)) rows.push(rowOf(s, o));
      }
    }
  }
  if (o.kinds.has('other') || o.kinds.size === 0) every |= CONN;
  const netid = o.kinds.size !== 1 || o.kinds.has('other');
  proc.out(renderTable(rows, { netid, state: (every & (every - 1)) !== 0, header: o.header }));
}

function portText(o: Options, port: number): string {
  if (port === 0) return '*';
  return o.numeric ? String(port) : (serviceName(port) ?? String(port));
}

function rowOf(s: Sock, o: Options): string[] {
  let more = '';
  if (o.timer) more += timerText(s);
  if (o.details) more += detailText(s);
  if (o.memory || o.info) {
    const details = (o.memory ? memoryText(s) : '') + (o.info && s.netid === 'tcp' ? infoText(s, o.timer) : '');
    more += details === '' ? '' : o.oneline ? details : `\n\t${details}`;
  }
  return [
    s.netid,
    STATE_NAMES[s.state] ?? 'UNKNOWN',
    String(s.rqueue),
    String(s.wqueue),
    `${addressText(s.family, s.src, s.attrs.skv6only === 0)}:`,
    portText(o, s.sport),
    `${addressText(s.family, s.dst, s.attrs.skv6only === 0)}:`,
    portText(o, s.dport),
    more,
  ];
}
