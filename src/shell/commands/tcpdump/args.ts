// tcpdump's command line: getopt's rules, its options, and its complaints. tcpdump: tcpdump.c.

import { wordTable } from '../../../base/word-table.ts';
import { DEFAULT_SNAPLEN } from '../../../wire/pcapng.ts';
import type { LineOptions } from './print.ts';

export interface Args {
  help: boolean;
  version: boolean;
  listDevices: boolean;
  /** -i, or null. */
  device: string | null;
  /** -c, or 0 for no limit. */
  count: number;
  /** -r, -w, -F, or null. */
  readFile: string | null;
  writeFile: string | null;
  filterFile: string | null;
  /** -Q: in, out, inout. */
  direction: 'in' | 'out' | 'inout';
  snapLen: number;
  promiscuous: boolean;
  /** -l: nothing to do, lines are never held back. */
  lineBuffered: boolean;
  /** -U: each packet goes to the file at once. */
  packetBuffered: boolean;
  /** --print: lines even with -w. */
  print: boolean;
  /** --count: only the number of packets, with -r. */
  countOnly: boolean;
  line: LineOptions;
  /** The words of the filter, joined. */
  filter: string;
}

/** Short options that take a value, and all that tcpdump knows and we do not. */
const VALUED = 'BcCEFGijmMQrsTvVwWyzZ'.replace('v', '');
const IGNORED = 'bfNOu';
const UNSUPPORTED = 'dHIJL';
const LONG = wordTable<[string, boolean]>({
  'buffer-size': ['B', true],
  'list-interfaces': ['D', false],
  help: ['h', false],
  interface: ['i', true],
  'monitor-mode': ['I', false],
  'snapshot-length': ['s', true],
  'list-data-link-types': ['L', false],
  'no-optimize': ['O', false],
  'no-promiscuous-mode': ['p', false],
  direction: ['Q', true],
  'dont-verify-checksums': ['K', false],
  'absolute-tcp-sequence-numbers': ['S', false],
  'packet-buffered': ['U', false],
  linktype: ['y', true],
  'immediate-mode': ['immediate', false],
  'relinquish-privileges': ['Z', true],
  number: ['#', false],
  print: ['print', false],
  version: ['version', false],
  count: ['count', false],
  nano: ['nano', false],
  micro: ['micro', false],
  'time-stamp-type': ['j', true],
  'time-stamp-precision': ['precision', true],
});

export function newArgs(): Args {
  return {
    help: false,
    version: false,
    listDevices: false,
    device: null,
    count: 0,
    readFile: null,
    writeFile: null,
    filterFile: null,
    direction: 'inout',
    snapLen: DEFAULT_SNAPLEN,
    promiscuous: true,
    lineBuffered: false,
    packetBuffered: false,
    print: false,
    countOnly: false,
    filter: '',
    line: {
      v: 0,
      n: 0,
      q: 0,
      e: false,
      absoluteSeq: false,
      noCheck: false,
      suppressDefault: false,
      ifName: () => null,
      t: 0,
      x: 0,
      X: 0,
      A: false,
      number: false,
      nano: false,
    },
  };
}

/** The arguments, or what tcpdump says about them: `usage` stands for its usage text behind the line before it. */
export function parseArgs(argv: readonly string[]): Args | string {
  const a = newArgs();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i];
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (word === '-' || !word.startsWith('-')) {
      // getopt stops at the first operand: what follows is the filter.
      words.push(...argv.slice(i));
      break;
    }
    const used = word.startsWith('--') ? longOption(a, argv, i) : shortOptions(a, argv, i);
    if (typeof used === 'string') return used;
    i += used;
  }
  a.filter = words.join(' ');
  a.line.suppressDefault = a.line.x > 0 || a.line.X > 0 || a.line.q > 0;
  return a;
}

/** How many more words were used, or a complaint. */
function longOption(a: Args, argv: readonly string[], i: number): number | string {
  const [given, value] = splitOnce(argv[i].slice(2), '=');
  const names = Object.keys(LONG).filter((n) => n.startsWith(given));
  const name = LONG[given] ? given : names.length === 1 ? names[0] : null;
  if (name === null) {
    const many = names.length > 1;
    const candidates = names.map((n) => ` '--${n}'`).join('');
    return `tcpdump: ${many ? `option '--${given}' is ambiguous; possibilities:${candidates}` : `unrecognized option '--${given}'`}\nusage`;
  }
  const [letter, valued] = LONG[name];
  if (!valued && value !== null) return `tcpdump: option '--${name}' doesn't allow an argument\nusage`;
  if (!valued) return setOption(a, letter, '') ?? 0;
  if (value !== null) return setOption(a, letter, value) ?? 0;
  if (i + 1 >= argv.length) return `tcpdump: option '--${name}' requires an argument\nusage`;
  return setOption(a, letter, argv[i + 1]) ?? 1;
}

function splitOnce(s: string, sep: string): [string, string | null] {
  const at = s.indexOf(sep);
  return at < 0 ? [s, null] : [s.slice(0, at), s.slice(at + 1)];
}

function shortOptions(a: Args, argv: readonly string[], i: number): number | string {
  const letters = argv[i].slice(1);
  for (let k = 0; k < letters.length; k++) {
    const letter = letters[k];
    if (!VALUED.includes(letter)) {
      const problem = setOption(a, letter, '');
      if (problem !== null) return problem;
      continue;
    }
    const rest = letters.slice(k + 1);
    if (rest === '' && i + 1 >= argv.length) return `tcpdump: option requires an argument -- '${letter}'\nusage`;
    const problem = setOption(a, letter, rest === '' ? argv[i + 1] : rest);
    return problem ?? (rest === '' ? 1 : 0);
  }
  return 0;
}

/** Null, or a complaint. */
function setOption(a: Args, letter: string, value: string): string | null {
  const flag = FLAGS[letter];
  if (flag !== undefined) {
    flag(a);
    return null;
  }
  const valued = VALUES[letter];
  if (valued !== undefined) return valued(a, value);
  if (IGNORED.includes(letter) || letter === 'immediate' || letter === 'B' || letter === 'Z' || letter === 'j')
    return null;
  if (VALUED.includes(letter) || UNSUPPORTED.includes(letter))
    return `tcpdump: option -${letter} is not supported by this tcpdump`;
  return `tcpdump: invalid option -- '${letter}'\nusage`;
}

const FLAGS = wordTable<(a: Args) => void>({
  A: (a) => void (a.line.A = true),
  D: (a) => void (a.listDevices = true),
  e: (a) => void (a.line.e = true),
  h: (a) => void (a.help = true),
  K: (a) => void (a.line.noCheck = true),
  l: (a) => void (a.lineBuffered = true),
  n: (a) => void a.line.n++,
  p: (a) => void (a.promiscuous = false),
  q: (a) => void a.line.q++,
  S: (a) => void (a.line.absoluteSeq = true),
  t: (a) => void a.line.t++,
  U: (a) => void (a.packetBuffered = true),
  v: (a) => void a.line.v++,
  x: (a) => void a.line.x++,
  X: (a) => void a.line.X++,
  '#': (a) => void (a.line.number = true),
  version: (a) => void (a.version = true),
  print: (a) => void (a.print = true),
  count: (a) => void (a.countOnly = true),
  nano: (a) => void (a.line.nano = true),
  micro: (a) => void (a.line.nano = false),
});

const VALUES = wordTable<(a: Args, value: string) => string | null>({
  i: (a, v) => {
    a.device = v;
    return null;
  },
  r: (a, v) => {
    a.readFile = v;
    return null;
  },
  w: (a, v) => {
    a.writeFile = v;
    return null;
  },
  F: (a, v) => {
    a.filterFile = v;
    return null;
  },
  c: (a, v) => {
    a.count = /^\s*[+-]?\d+/.test(v) ? Number.parseInt(v, 10) : 0;
    return a.count <= 0 || a.count > 0x7fffffff ? `tcpdump: invalid packet count ${v}` : null;
  },
  s: (a, v) => {
    const n = /^\d+$/.test(v) ? Number(v) : -1;
    if (n < 0 || n > DEFAULT_SNAPLEN) return `tcpdump: invalid snaplen ${v} (must be >= 0 and <= ${DEFAULT_SNAPLEN})`;
    a.snapLen = n === 0 ? DEFAULT_SNAPLEN : n;
    return null;
  },
  Q: (a, v) => {
    const d = v.toLowerCase();
    if (d !== 'in' && d !== 'out' && d !== 'inout') return `tcpdump: unknown capture direction \`${v}'`;
    a.direction = d;
    return null;
  },
  y: (_a, v) => (v === 'EN10MB' ? null : `tcpdump: invalid data link type ${v}`),
  precision: (a, v) => {
    if (v !== 'micro' && v !== 'nano') return `tcpdump: unable to parse time stamp precision ${v}`;
    a.line.nano = v === 'nano';
    return null;
  },
});
