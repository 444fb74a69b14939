// Arithmetic in filters: `ip[2:2] & 0xff > 7`, `len < 100`, `tcp[tcpflags] = tcp-syn`. Values are unsigned, 32 bits.
// A part of a packet is read only when its protocol is there; otherwise the comparison is false. libpcap: gen_relation().

import { wordTable } from '../../../../base/word-table.ts';
import { access, and, load, type Test, type Value } from './gen.ts';
import { FilterError, SYNTAX } from './lex.ts';
import type { Parser } from './parse.ts';

const relations = wordTable<(a: number, b: number) => boolean>({
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
});

/** From weakest to strongest. */
const levels: ReadonlyArray<readonly string[]> = [['|'], ['&'], ['<<', '>>'], ['+', '-'], ['*', '/', '%'], ['^']];

const operators = wordTable<(a: number, b: number) => number>({
  '|': (a, b) => (a | b) >>> 0,
  '&': (a, b) => (a & b) >>> 0,
  '^': (a, b) => (a ^ b) >>> 0,
  '<<': (a, b) => (b > 31 ? 0 : (a << b) >>> 0),
  '>>': (a, b) => (b > 31 ? 0 : a >>> b),
  '+': (a, b) => (a + b) >>> 0,
  '-': (a, b) => (a - b) >>> 0,
  '*': (a, b) => Math.imul(a, b) >>> 0,
  '/': (a, b) => Math.floor(a / b),
  '%': (a, b) => a % b,
});

/** Does a comparison begin here, and not a primitive? Parentheses are looked into. */
export function startsArithmetic(p: Parser): boolean {
  let i = p.at;
  while (p.tokens[i].kind === 'word' && (p.tokens[i].text === '(' || p.tokens[i].text === '-')) i++;
  const t = p.tokens[i];
  const after = p.tokens[i + 1];
  if (t.kind === 'num')
    return after.kind === 'word' && (Object.hasOwn(relations, after.text) || Object.hasOwn(operators, after.text));
  if (t.kind !== 'word') return false;
  return t.text === 'len' || (after.kind === 'word' && after.text === '[');
}

interface Expr {
  value: Value;
  /** The protocols that must be there; null for none. */
  guard: Test | null;
}

export function parseArithmetic(p: Parser): Test {
  const left = level(p, 0);
  const relation = p.token.kind === 'word' && Object.hasOwn(relations, p.token.text) ? relations[p.token.text] : null;
  if (relation === null) throw new FilterError(SYNTAX);
  p.at++;
  const right = level(p, 0);
  const compare: Test = (s) => {
    const a = left.value(s);
    return relation(a, right.value(s));
  };
  const guard = both(left.guard, right.guard);
  return guard === null ? compare : and(guard, compare);
}

function both(a: Test | null, b: Test | null): Test | null {
  return a === null ? b : b === null ? a : and(a, b);
}

function literalZero(p: Parser): boolean {
  return p.token.kind === 'num' && p.token.value === 0;
}

function level(p: Parser, n: number): Expr {
  if (n === levels.length) return unary(p);
  let left = level(p, n + 1);
  while (p.token.kind === 'word' && levels[n].includes(p.token.text)) {
    const op = p.tokens[p.at++].text;
    const zero = literalZero(p);
    const right = level(p, n + 1);
    if (zero && (op === '/' || op === '%')) throw new FilterError(op === '/' ? 'division by zero' : 'modulus by zero');
    left = join(op, left, right);
  }
  return left;
}

/** Division by zero rejects the packet. */
function join(op: string, a: Expr, b: Expr): Expr {
  const f = operators[op];
  const divides = op === '/' || op === '%';
  const value: Value = (s) => {
    const x = a.value(s);
    const y = b.value(s);
    if (divides && y === 0) {
      s.fault = true;
      return 0;
    }
    return f(x, y);
  };
  return { value, guard: both(a.guard, b.guard) };
}

function unary(p: Parser): Expr {
  if (p.take('-')) {
    const inner = unary(p);
    return { value: (s) => -inner.value(s) >>> 0, guard: inner.guard };
  }
  if (p.take('(')) {
    const inner = level(p, 0);
    p.want(')');
    return inner;
  }
  if (p.take('len')) return { value: (s) => s.len, guard: null };
  if (p.token.kind === 'num') {
    const n = p.number();
    return { value: () => n, guard: null };
  }
  return packetData(p);
}

/** `proto[index]` or `proto[index:size]`. */
function packetData(p: Parser): Expr {
  if (p.token.kind !== 'word') throw new FilterError(SYNTAX);
  const proto = p.tokens[p.at++].text;
  if (proto === 'radio') throw new FilterError('radio information not present in capture');
  p.want('[');
  const index = level(p, 0);
  let size = 1;
  if (p.take(':')) size = p.number();
  p.want(']');
  if (size !== 1 && size !== 2 && size !== 4) throw new FilterError('data size must be 1, 2, or 4');
  const from = access(p.layout, proto);
  if (from === null) throw new FilterError(`unsupported index operation`);
  const value: Value = (s) => load(s, from.base(s) + index.value(s), size);
  return { value, guard: both(from.guard, index.guard) };
}
