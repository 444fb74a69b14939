// The grammar of capture filters: primitives with qualifiers, joined by and, or (of equal rank, from the left) and not.
// libpcap: grammar.y. Protocols that the model never sends are refused by name (unsupportedWords).

import { parseArithmetic, startsArithmetic } from './arith.ts';
import { and, type Direction, type Layout, not, or, type Subject, type Test } from './gen.ts';
import { FilterError, lex, SYNTAX, type Token } from './lex.ts';
import { byIdentifier, type Qualifiers } from './primitives.ts';
import { bareProto, otherPrimitive } from './words.ts';

export interface FilterContext {
  layout: Layout;
  /** The capture device's netmask, for `ip broadcast`; 0 when there is none. */
  netmask: number;
  /** A live capture: inbound, outbound and ifindex can be told. */
  live: boolean;
}

export interface Filter {
  /** Does the frame pass? `len` is its length on the wire. */
  matches(b: Uint8Array, len: number, pktType: number, ifindex: number): boolean;
  /** Does it look at VLAN tags? */
  usesVlan: boolean;
}

/** The words of one filter, read from left to right, and where headers are at this point of it. */
export class Parser {
  readonly tokens: Token[];
  readonly ctx: FilterContext;
  layout: Layout;
  usesVlan = false;
  at = 0;

  constructor(text: string, ctx: FilterContext) {
    this.tokens = lex(text);
    this.ctx = ctx;
    this.layout = ctx.layout;
  }

  get token(): Token {
    return this.tokens[this.at];
  }

  is(word: string): boolean {
    return this.token.kind === 'word' && this.token.text === word;
  }

  take(word: string): boolean {
    if (!this.is(word)) return false;
    this.at++;
    return true;
  }

  want(word: string): void {
    if (!this.take(word)) throw new FilterError(SYNTAX);
  }

  number(): number {
    if (this.token.kind !== 'num') throw new FilterError(SYNTAX);
    return this.tokens[this.at++].value;
  }
}

/** A filter ready to run, or what tcpdump says about it. The empty filter passes everything. */
export function compileFilter(text: string, ctx: FilterContext): Filter | string {
  try {
    const p = new Parser(text, ctx);
    const test: Test = p.token.kind === 'end' ? () => true : expression(p).test;
    if (p.token.kind !== 'end') throw new FilterError(SYNTAX);
    const s: Subject = { b: new Uint8Array(0), len: 0, pktType: -1, ifindex: 0, fault: false };
    const matches = (b: Uint8Array, len: number, pktType: number, ifindex: number): boolean => {
      s.b = b;
      s.len = len;
      s.pktType = pktType;
      s.ifindex = ifindex;
      s.fault = false;
      return test(s) && !s.fault;
    };
    return { matches, usesVlan: p.usesVlan };
  } catch (e) {
    if (e instanceof FilterError) return e.message;
    throw e;
  }
}

/** A test, and the qualifiers that a bare identifier behind `and` or `or` inherits. */
interface Part {
  test: Test;
  q: Qualifiers | null;
}

function expression(p: Parser): Part {
  let left = term(p);
  for (;;) {
    const both = p.take('and');
    if (!both && !p.take('or')) return left;
    const right = isIdentifier(p) ? identifier(p, left.q) : term(p);
    left = { test: both ? and(left.test, right.test) : or(left.test, right.test), q: right.q };
  }
}

function term(p: Parser): Part {
  if (p.take('not')) {
    const inner = term(p);
    return { test: not(inner.test), q: inner.q };
  }
  if (p.is('(') && !startsArithmetic(p)) {
    p.at++;
    const inner = expression(p);
    p.want(')');
    return inner;
  }
  if (startsArithmetic(p)) return { test: parseArithmetic(p), q: null };
  const other = otherPrimitive(p);
  return other !== null ? { test: other, q: null } : qualified(p);
}

const PROTOS: ReadonlySet<string> = new Set(
  'ether ip arp rarp sctp tcp udp icmp igmp igrp pim vrrp carp ip6 icmp6 ah esp atalk aarp decnet lat sca moprc mopdl iso stp ipx netbeui'.split(
    ' ',
  ),
);

/** [proto] [direction] [type] identifier, or a protocol alone. */
function qualified(p: Parser): Part {
  let proto = '';
  if (p.token.kind === 'word' && PROTOS.has(p.token.text)) proto = p.tokens[p.at++].text;
  const special = proto !== '' ? broadcastOf(p, proto) : null;
  if (special !== null) return { test: special, q: null };
  const dir = direction(p);
  const type = ['host', 'net', 'port', 'portrange', 'proto', 'protochain', 'gateway'].find((w) => p.take(w)) ?? '';
  if (dir === null && type === '') {
    if (proto === '') throw new FilterError(SYNTAX);
    return { test: bareProto(p, proto), q: { proto, dir: 'or', hasDir: false, type: '' } };
  }
  if (dir !== null && ['proto', 'protochain'].includes(type)) throw new FilterError(SYNTAX);
  return identifier(p, { proto, dir: dir ?? 'or', hasDir: dir !== null, type });
}

function broadcastOf(p: Parser, proto: string): Test | null {
  return p.is('broadcast') || p.is('multicast') ? otherPrimitive(p, proto) : null;
}

function direction(p: Parser): Direction | null {
  const first = p.take('src') ? 'src' : p.take('dst') ? 'dst' : null;
  if (first === null) return null;
  const second = first === 'src' ? 'dst' : 'src';
  const next = p.tokens[p.at + 1];
  if ((p.is('or') || p.is('and')) && next.kind === 'word' && next.text === second) {
    const both = p.is('and');
    // `src host A and dst host B` is two primitives: only a bare pair is one direction.
    p.at += 2;
    return both ? 'and' : 'or';
  }
  return first;
}

function isIdentifier(p: Parser): boolean {
  let i = p.at;
  while (p.tokens[i].kind === 'word' && p.tokens[i].text === 'not') i++;
  const t = p.tokens[i];
  if (t.kind === 'num') return i > p.at || !startsArithmetic(p);
  return t.kind === 'ip4' || t.kind === 'ip6' || t.kind === 'mac' || t.kind === 'name';
}

/** An identifier, `not` one, or several in parentheses. */
function identifier(p: Parser, q: Qualifiers | null): Part {
  if (q === null) throw new FilterError(SYNTAX);
  if (p.take('not')) return { test: not(identifier(p, q).test), q };
  if (p.take('(')) {
    let left = identifier(p, q).test;
    for (;;) {
      const both = p.take('and');
      if (!both && !p.take('or')) break;
      const right = identifier(p, q).test;
      left = both ? and(left, right) : or(left, right);
    }
    p.want(')');
    return { test: left, q };
  }
  return { test: byIdentifier(p, q), q };
}
