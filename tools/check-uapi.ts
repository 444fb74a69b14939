/// <reference types="node" />
// Compares the names and numbers of src/uapi with the kernel headers of this machine. A number that differs fails; a name
// that only the headers know (they are newer, or we left it out) or that only we know (they are older) is reported.
//   node tools/run.mjs tools/check-uapi.ts [--all] [INCLUDE_DIRECTORY]       /usr/include by default; --all lists names

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as addr from '../src/uapi/addr.ts';
import type { AnyTable } from '../src/uapi/attr.ts';
import * as bridge from '../src/uapi/bridge.ts';
import { ERRNO } from '../src/uapi/errno.ts';
import * as ethtool from '../src/uapi/ethtool.ts';
import * as genl from '../src/uapi/genl.ts';
import * as ifla from '../src/uapi/ifla.ts';
import * as link from '../src/uapi/link.ts';
import * as linkinfo from '../src/uapi/linkinfo.ts';
import * as msgtype from '../src/uapi/msgtype.ts';
import * as neigh from '../src/uapi/neigh.ts';
import * as netlink from '../src/uapi/netlink.ts';
import * as netns from '../src/uapi/netns.ts';
import * as qdisc from '../src/uapi/qdisc.ts';
import * as route from '../src/uapi/route.ts';
import * as rtnlgrp from '../src/uapi/rtnlgrp.ts';

const MODULES = [
  addr,
  bridge,
  ethtool,
  genl,
  ifla,
  link,
  linkinfo,
  msgtype,
  neigh,
  netlink,
  netns,
  qdisc,
  route,
  rtnlgrp,
];
const HEADERS =
  /^(if.*|rtnetlink|neighbour|net_namespace|netlink|genetlink|gen_stats|pkt_sched|veth|ethtool.*|devlink|dpll)\.h$/;

/** Where our name and the kernel's differ on purpose. */
const ALIASES: Record<string, string> = { IFLA_VLAN_VLAN_FLAGS: 'IFLA_VLAN_FLAGS' };
/** Tables whose keys are address families, and one of which we want three lines of two hundred. */
const NAMELESS = new Set(['AF', 'DEVLINK_ATTR']);

const args = process.argv.slice(2);
const listAll = args.includes('--all');
const include = args.find((arg) => !arg.startsWith('-')) ?? '/usr/include';
if (!existsSync(join(include, 'linux'))) {
  console.log(`check-uapi: no kernel headers in ${include}, nothing compared`);
  process.exit(0);
}

/** Names and numbers of enums and #defines, as far as their values are plain arithmetic. */
function namesIn(source: string, known: Map<string, number>): void {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\\\n/g, ' ');
  for (const [, name, value] of text.matchAll(/^[ \t]*#[ \t]*define[ \t]+([A-Z]\w*)[ \t]+([^\n]+)$/gm)) {
    const number = evaluate(value, known);
    if (number !== null && !known.has(name)) known.set(name, number);
  }
  for (const [, body] of text.matchAll(/\benum\b[^{};]*\{([^}]*)\}/g)) {
    let next: number | null = 0;
    for (const item of body.replace(/^[ \t]*#.*$/gm, '').split(',')) {
      const [name, value] = item.split('=').map((part) => part.trim());
      if (!/^\w+$/.test(name)) continue;
      if (value !== undefined) next = evaluate(value, known);
      if (next === null) continue;
      known.set(name, next);
      next++;
    }
  }
}

/** Numbers, names, `|`, `<<`, `+`, `-` and brackets around them; anything else is null. */
function evaluate(text: string, known: ReadonlyMap<string, number>): number | null {
  const bare = unwrap(text.trim());
  for (const [operator, apply] of [
    ['|', (a: number, b: number) => a + b - (a & b)],
    ['<<', (a: number, b: number) => a * 2 ** b],
    ['+', (a: number, b: number) => a + b],
    ['-', (a: number, b: number) => a - b],
  ] as const) {
    const at = outside(bare, operator);
    if (at <= 0) continue;
    const left = evaluate(bare.slice(0, at), known);
    const right = evaluate(bare.slice(at + operator.length), known);
    return left === null || right === null ? null : apply(left, right);
  }
  if (/^(0x[0-9a-f]+|[0-9]+)[uUlL]*$/i.test(bare)) return Number(bare.replace(/[uUlL]+$/, ''));
  if (/^-[0-9]+$/.test(bare)) return Number(bare);
  return known.get(bare) ?? null;
}

function unwrap(text: string): string {
  let out = text;
  while (out.startsWith('(') && closing(out) === out.length - 1) out = out.slice(1, -1).trim();
  return out;
}

function closing(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i;
  }
  return -1;
}

/** The last place of an operator outside of brackets. */
function outside(text: string, operator: string): number {
  let depth = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === ')') depth++;
    else if (text[i] === '(') depth--;
    else if (depth === 0 && text.startsWith(operator, i)) return i;
  }
  return -1;
}

function isTable(value: unknown): value is AnyTable {
  return value !== null && typeof value === 'object' && 'lines' in value && 'prefix' in value;
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

const theirs = new Map<string, number>();
const folder = join(include, 'linux');
for (const file of readdirSync(folder)
  .filter((name) => HEADERS.test(name))
  .sort((a, b) => (a < b ? -1 : 1))) {
  namesIn(readFileSync(join(folder, file), 'utf8'), theirs);
}
for (const file of ['errno-base.h', 'errno.h']) {
  const path = join(include, 'asm-generic', file);
  if (existsSync(path)) namesIn(readFileSync(path, 'utf8'), theirs);
}

const ours = new Map<string, number>();
const prefixes = new Map<string, Set<number>>();
for (const module of MODULES) {
  for (const [name, value] of Object.entries(module)) {
    if (typeof value === 'number') ours.set(name, value);
    if (!isTable(value) || NAMELESS.has(value.prefix)) continue;
    const numbers = prefixes.get(value.prefix) ?? new Set();
    prefixes.set(value.prefix, numbers);
    for (const { key, type } of value.lines) {
      const full = `${value.prefix}_${snake(key)}`;
      ours.set(ALIASES[full] ?? full, type);
      numbers.add(type);
    }
  }
}
for (const [name, [number]] of Object.entries(ERRNO)) ours.set(name, number);

const differ: string[] = [];
const onlyOurs: string[] = [];
for (const [name, number] of ours) {
  const their = theirs.get(name);
  if (their === undefined) onlyOurs.push(`${name} = ${number}`);
  else if (their >>> 0 !== number >>> 0) differ.push(`${name}: ${number} here, ${their} in ${folder}`);
}
const onlyTheirs = [...theirs]
  .filter(([name, number]) => !ours.has(name) && belongs(name, number))
  .map(([name, number]) => `${name} = ${number}`);

/** An attribute of one of our tables: its prefix, and a number that the table does not have. */
function belongs(name: string, number: number): boolean {
  if (/_(UNSPEC|NONE|MAX|CNT|PAD)$/.test(name) || /^(IFLA|TCA|RTA|RTAX)_.*_(MAX|UNSPEC)$/.test(name)) return false;
  const longest = [...prefixes.keys()]
    .filter((prefix) => name.startsWith(`${prefix}_`))
    .sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return /^(RTM|RTNLGRP|NUD|NTF|IFF|ETHTOOL_MSG)_[A-Z0-9_]+$/.test(name);
  const rest = name.slice(longest.length + 1);
  return !(prefixes.get(longest) as Set<number>).has(number) && !rest.startsWith('F_');
}

function say(title: string, names: string[], always: boolean): void {
  console.log(`${title}: ${names.length}`);
  if (always || listAll) for (const name of names) console.log(`  ${name}`);
}

console.log(`check-uapi: ${ours.size} names here, compared with ${folder}`);
say('only here (these headers are older, or keep it elsewhere)', onlyOurs, false);
say('only in the headers (newer, or left out here)', onlyTheirs, false);
say('different numbers', differ, true);
process.exitCode = differ.length === 0 ? 0 : 1;
