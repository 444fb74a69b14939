// u32 filters: matches as words under masks. iproute2: tc/f_u32.c.

import { wordTable } from '../../../base/word-table.ts';
import { decode, encode } from '../../../netlink/attrs.ts';
import { NOT_IN_HW, TCA_U32, U32_KEY_SIZE, U32_SEL_SIZE, U32_TERMINAL } from '../../../uapi/tcfilter.ts';
import { type Args, matches, needPrefix, parseNumber } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import { parseActions, printActions } from './actions.ts';
import { wrong } from './kinds.ts';
import type { Tc } from './tc.ts';
import { formatClassid, parseClassid } from './units.ts';

interface Key {
  mask: number;
  value: number;
  off: number;
}

/** Fields of an IPv4 header (and of what follows one without options): offset and size in bytes. */
const FIELDS: ReadonlyMap<string, readonly [offset: number, size: number]> = new Map([
  ['ihl', [0, 1]],
  ['tos', [1, 1]],
  ['dsfield', [1, 1]],
  ['precedence', [1, 1]],
  ['protocol', [9, 1]],
  ['sport', [20, 2]],
  ['dport', [22, 2]],
  ['icmp_type', [20, 1]],
  ['icmp_code', [21, 1]],
]);
/** Bits of the fragment word, at 6. */
const FRAGMENTS: ReadonlyMap<string, readonly [value: number, mask: number]> = new Map([
  ['nofrag', [0, 0x3fff]],
  ['firstfrag', [0, 0x1fff]],
  ['df', [0x4000, 0x4000]],
  ['mf', [0x2000, 0x2000]],
]);

const illegal = (): never => wrong('Illegal "match"\n');

/** A number in hex or decimal. */
const num = (text: string): number => parseNumber(text) ?? illegal();

/** Keys of the same word become one; a contradiction is refused. */
function pack(keys: Key[], value: number, mask: number, off: number, size: number): void {
  const shift = 8 * (4 - size - (off & 3));
  const k = { value: ((value & mask) << shift) >>> 0, mask: (mask << shift) >>> 0, off: off & ~3 };
  const same = keys.find((one) => one.off === k.off);
  if (same === undefined) {
    keys.push(k);
    return;
  }
  if (((same.value ^ k.value) & same.mask & k.mask) !== 0) illegal();
  same.value = (same.value | k.value) >>> 0;
  same.mask = (same.mask | k.mask) >>> 0;
}

function parseMatch(args: Args, keys: Key[]): void {
  const what = args.need();
  const sizes = wordTable<number>({ u32: 4, u16: 2, u8: 1 });
  if (what in sizes) {
    const value = num(args.need());
    const mask = num(args.need());
    let off = 0;
    if (args.following === 'at') {
      args.need();
      if (args.need().startsWith('nexthdr')) wrong('tc: lowerdev has no "nexthdr" for u32\n');
      off = num(args.word);
    }
    pack(keys, value, mask, off, sizes[what]);
  } else if (what === 'ip') parseIp(args, keys);
  else if (['ip6', 'tcp', 'udp', 'icmp', 'ether', 'mark'].includes(what)) {
    wrong(`tc: lowerdev has no "match ${what}" for u32\n`);
  } else illegal();
}

function parseIp(args: Args, keys: Key[]): void {
  const field = args.need();
  if (field === 'src' || field === 'dst') {
    let prefix: ReturnType<typeof needPrefix>;
    try {
      prefix = needPrefix(args.need(), 2);
    } catch (e) {
      if (e instanceof ToolError && e.code === 1) illegal();
      throw e;
    }
    const mask = prefix.length === 0 ? 0 : (0xffffffff << (32 - prefix.length)) >>> 0;
    pack(keys, prefix.ip === null ? 0 : (prefix.ip as number), mask, field === 'src' ? 12 : 16, 4);
    return;
  }
  const fragment = FRAGMENTS.get(field);
  if (fragment !== undefined) {
    pack(keys, fragment[0], fragment[1], 6, 2);
    return;
  }
  const at = FIELDS.get(field);
  if (at === undefined) return illegal();
  const value = num(args.need());
  pack(keys, value, num(args.need()), at[0], at[1]);
}

/** TCA_OPTIONS; null: no words. */
export function parseU32(tc: Tc, args: Args): Uint8Array | null {
  if (!args.more) return null;
  const keys: Key[] = [];
  let matched = false;
  let terminal = false;
  const o: { classid?: number; act?: Uint8Array } = {};
  while (args.more) {
    const word = args.word;
    if (matches(word, 'match')) {
      parseMatch(args, keys);
      matched = true;
      args.skip();
    } else if (matches(word, 'flowid') || matches(word, 'classid')) {
      const id = parseClassid(args.need());
      if (id === null) wrong('Illegal "classid"\n');
      o.classid = id;
      terminal = true;
      args.skip();
    } else if (word === 'action') {
      args.need();
      o.act = parseActions(tc, args);
      terminal = true;
    } else if (['offset', 'hashkey', 'divisor', 'order', 'link', 'ht', 'sample', 'indev', 'police'].includes(word)) {
      wrong(`tc: lowerdev has no "${word}" for u32\n`);
    } else wrong(`What is "${word}"?\n`);
  }
  const sel = new Uint8Array(U32_SEL_SIZE + keys.length * U32_KEY_SIZE);
  const view = new DataView(sel.buffer);
  sel[0] = terminal ? U32_TERMINAL : 0;
  sel[2] = keys.length;
  keys.forEach((k, i) => {
    const at = U32_SEL_SIZE + i * U32_KEY_SIZE;
    view.setUint32(at, k.mask);
    view.setUint32(at + 4, k.value);
    view.setInt32(at + 8, k.off, true);
  });
  const { classid, act } = o;
  return encode(TCA_U32, {
    ...(classid === undefined ? {} : { classid }),
    ...(act === undefined ? {} : { act }),
    ...(matched ? { sel } : {}),
  });
}

const hex8 = (n: number): string => n.toString(16).padStart(8, '0');

/** 800: is a table, 800::801 a filter in it. sprint_u32_handle(). */
function handleText(handle: number): string {
  const table = Math.floor(handle / 0x100000) % 0x1000;
  const hash = Math.floor(handle / 0x1000) % 0x100;
  const node = handle % 0x1000;
  return `${table.toString(16)}:${hash === 0 ? '' : hash.toString(16)}${node === 0 ? '' : `:${node.toString(16)}`}`;
}

export function printU32(tc: Tc, bytes: Uint8Array, handle: number): void {
  if (tc.opts.json) throw new ToolError('tc: lowerdev prints no u32 filters as JSON\n', 1);
  const { out } = tc;
  const o = decode(TCA_U32, bytes);
  const { sel } = o;
  if (handle !== 0) out.text(`fh ${handleText(handle)} `);
  if (handle % 0x1000 !== 0) out.text(`order ${handle % 0x1000} `);
  if (o.divisor !== undefined) out.text(`ht divisor ${o.divisor} `);
  else if (o.hash !== undefined) {
    const hash = Math.floor(o.hash / 0x1000) % 0x100;
    out.text(`key ht ${Math.floor(o.hash / 0x100000).toString(16)} bkt ${hash.toString(16)} `);
  }
  const terminal = sel !== undefined && (sel[0] & U32_TERMINAL) !== 0;
  if (o.classid !== undefined) out.text(`${terminal ? '*' : ''}flowid ${formatClassid(o.classid)} `);
  else if (terminal) out.text('terminal flowid ');
  if (((o.flags ?? 0) & NOT_IN_HW) !== 0) out.text('not_in_hw ');
  const counts = o.pcnt === undefined || tc.opts.stats === 0 ? null : u64s(o.pcnt);
  if (sel !== undefined && counts !== null) out.text(`(rule hit ${counts[0]} success ${counts[1]})`);
  if (sel !== undefined) {
    const view = new DataView(sel.buffer, sel.byteOffset, sel.byteLength);
    for (let i = 0; i < sel[2]; i++) {
      const at = U32_SEL_SIZE + i * U32_KEY_SIZE;
      out.newline();
      out.text(`  match ${hex8(view.getUint32(at + 4))}/${hex8(view.getUint32(at))} at ${view.getInt32(at + 8, true)}`);
      if (counts !== null) out.text(` (success ${counts[2 + i]} ) `);
    }
  }
  if (o.act !== undefined) printActions(tc, o.act);
}

function u64s(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => view.getBigUint64(i * 8, true));
}
