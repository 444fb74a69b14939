// ss's filters: states by name, and expressions over addresses and ports. Linux tool: iproute2 6.1, misc/ss.c
// (scan_state(), parse_hostcond()), ssfilter.y.

import { wordTable } from '../../../base/word-table.ts';
import { parseIp4, parseIp6 } from '../../../uapi/format.ts';
import { servicePort } from '../sockets.ts';
import type { Sock } from './socks.ts';

export const STATES = wordTable<number>({
  established: 1,
  'syn-sent': 2,
  'syn-recv': 3,
  'fin-wait-1': 4,
  'fin-wait-2': 5,
  'time-wait': 6,
  unconnected: 7,
  closed: 7,
  'close-wait': 8,
  'last-ack': 9,
  listening: 10,
  listen: 10,
  closing: 11,
});
const bit = (n: number): number => 1 << n;
export const ALL = 0xfff;
/** Everything but LISTEN, CLOSE, TIME_WAIT and SYN_RECV. */
export const CONN = ALL & ~(bit(10) | bit(7) | bit(6) | bit(3));

const SETS = wordTable<number>({
  all: ALL,
  connected: ALL & ~(bit(7) | bit(10)),
  synchronized: ALL & ~(bit(7) | bit(10) | bit(2)),
  bucket: bit(3) | bit(6),
  big: ALL & ~(bit(3) | bit(6)),
});

export class FilterError extends Error {}

/** The bits of a state's name. */
export function stateBits(name: string): number {
  const set = SETS[name];
  if (set !== undefined) return set;
  const state = STATES[name];
  if (state === undefined) throw new FilterError(`ss: wrong state name: ${name}`);
  return bit(state);
}

export type Test = (s: Sock) => boolean;

const OPERATORS = wordTable<string>({
  '=': '=',
  '==': '=',
  eq: '=',
  '!=': '!',
  ne: '!',
  neq: '!',
  '>=': 'g',
  ge: 'g',
  geq: 'g',
  '<=': 'l',
  le: 'l',
  leq: 'l',
  '>': '>',
  gt: '>',
  '<': '<',
  lt: '<',
});

/** Words of an expression. */
export function tokens(argv: readonly string[]): string[] {
  return argv.join(' ').match(/[()]|[!=<>]=|[=<>]|&&|\|\||!|[^\s()=<>!&|]+/g) ?? [];
}

/** What is parsed and tested word within word has to fit on the stack. */
const mostWords = 2000;

/** or, and, not, parentheses, and the conditions themselves. */
export function parseExpression(words: string[]): Test {
  if (words.length > mostWords) throw new FilterError(`ss: the filter has more than ${mostWords} words`);
  let at = 0;
  const peek = (): string | undefined => words[at];
  const fail = (): never => {
    throw new FilterError('ss: bison bellows (while parsing filter): "syntax error!" Sorry.');
  };
  const either = (): Test => {
    let left = both();
    while (peek() === 'or' || peek() === '||' || peek() === '|') {
      at++;
      const [a, b] = [left, both()];
      left = (s) => a(s) || b(s);
    }
    return left;
  };
  const both = (): Test => {
    let left = one();
    for (;;) {
      if (peek() === 'and' || peek() === '&&' || peek() === '&') at++;
      else if (peek() === undefined || peek() === ')' || peek() === 'or' || peek() === '||') return left;
      const [a, b] = [left, one()];
      left = (s) => a(s) && b(s);
    }
  };
  const one = (): Test => {
    const word = words[at++];
    if (word === 'not' || word === '!') {
      const inner = one();
      return (s) => !inner(s);
    }
    if (word === '(') {
      const inner = either();
      if (words[at++] !== ')') fail();
      return inner;
    }
    if (word === 'dport' || word === 'sport') return port(word);
    if (word === 'dst' || word === 'src') return host(word);
    return fail();
  };
  const port = (which: 'dport' | 'sport'): Test => {
    let op = '=';
    if (OPERATORS[peek() ?? ''] !== undefined) op = OPERATORS[words[at++]];
    const text = (words[at++] ?? '').replace(/^.*:/, '');
    const wanted = servicePort(text) ?? (/^[0-9]+$/.test(text) ? Number(text) : -1);
    if (wanted < 0) throw new FilterError(`Error: an inet prefix is expected rather than "${text}".`);
    return (s) => compare(which === 'dport' ? s.dport : s.sport, op, wanted);
  };
  const host = (which: 'dst' | 'src'): Test => {
    if (peek() === '=' || peek() === '==') at++;
    return hostTest(which, words[at++] ?? '');
  };
  const test = either();
  if (at < words.length) fail();
  return test;
}

function compare(v: number, op: string, to: number): boolean {
  switch (op) {
    case '!':
      return v !== to;
    case 'g':
      return v >= to;
    case 'l':
      return v <= to;
    case '>':
      return v > to;
    case '<':
      return v < to;
    default:
      return v === to;
  }
}

/** ADDRESS, ADDRESS/LEN, ADDRESS:PORT, :PORT, [ADDRESS6]:PORT. */
function hostTest(which: 'dst' | 'src', text: string): Test {
  const six = /^\[([^\]]*)\](?::(.+))?$/.exec(text);
  const plain6 =
    six === null && parseIp6(text.replace(/\/.*/, '')) !== null && parseIp4(text.replace(/\/.*/, '')) === null;
  const parts = plain6 ? [text] : six !== null ? [six[1], six[2]] : text.split(':');
  const [prefix, portText] = parts;
  const port = portText === undefined || portText === '*' ? -1 : (servicePort(portText) ?? Number(portText));
  const [address, lenText] = prefix.split('/');
  const bytes = address === '' || address === '*' ? null : toBytes(address);
  if (bytes === undefined) throw new FilterError(`Error: an inet prefix is expected rather than "${text}".`);
  const len = lenText === undefined ? (bytes?.length ?? 0) * 8 : Number(lenText);
  return (s) => {
    if (port >= 0 && (which === 'dst' ? s.dport : s.sport) !== port) return false;
    if (bytes === null) return true;
    const own = which === 'dst' ? s.dst : s.src;
    if ((s.family === 2) !== (bytes.length === 4)) return false;
    for (let i = 0; i < len; i++) if (((own[i >> 3] ^ bytes[i >> 3]) >> (7 - (i & 7))) & 1) return false;
    return true;
  };
}

function toBytes(text: string): Uint8Array | undefined {
  const v4 = parseIp4(text);
  if (v4 !== null) return Uint8Array.of(v4 >>> 24, v4 >>> 16, v4 >>> 8, v4);
  return parseIp6(text) ?? undefined;
}
