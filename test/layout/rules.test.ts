// The rules themselves: each must catch the file it was written for, and leave its innocent neighbour alone.

import { expect, test } from 'vitest';
import * as rules from './rules.ts';
import { blank, parseSource } from './source.ts';

const imports = (path: string, text: string): string[] => rules.importComplaints([parseSource(path, text)]);
const bans = (path: string, text: string): string[] => rules.banComplaints([parseSource(path, text)]);

test('an import that climbs or crosses is caught, one that goes down is not', () => {
  expect(imports('src/net/rx.ts', "import { lab } from '../lab/lab.ts';")).toHaveLength(1);
  expect(imports('src/net/rx.ts', "\nexport * from '../inet/arp.ts';")[0]).toContain('src/net/rx.ts:2:');
  expect(imports('src/sched/mq.ts', "import type { Nic } from '../drivers/nic/nic.ts';")[0]).toContain(
    'both on floor 4',
  );
  expect(imports('src/sched/mq.ts', "const x = await import('../lab/lab.ts');")).toHaveLength(1);
  expect(imports('src/sched/mq.ts', "import {\n  a,\n  b,\n} from '../net/rx.ts';\nimport './fifo.ts';")).toEqual([]);
  expect(imports('src/net/rx.ts', "// import { lab } from '../lab/lab.ts';")).toEqual([]);
  expect(imports('src/attic/x.ts', '')).toHaveLength(1);
  expect(imports('src/net/rx.ts', "import { u } from '../base/units';")[0]).toContain('.ts');
});

test('drivers meet through device operations only', () => {
  expect(imports('src/drivers/macvlan/rx.ts', "import { n } from '../nic/nic.ts';")).toHaveLength(1);
  expect(imports('src/drivers/macvtap/macvtap.ts', "import { m } from '../macvlan/macvlan.ts';")).toEqual([]);
  expect(imports('src/drivers/catalogue.ts', "import { m } from './macvlan/macvlan.ts';")).toEqual([]);
});

test('Node and packages stay where they belong', () => {
  expect(imports('src/shell/run.ts', "import fs from 'node:fs';")).toHaveLength(1);
  expect(imports('src/cli/main.ts', "import fs from 'node:fs';")).toEqual([]);
  expect(imports('src/net/rx.ts', "import _ from 'lodash';")).toHaveLength(1);
  expect(imports('src/net/rx.test.ts', "import { test } from 'vitest';")).toEqual([]);
});

test('bans see code, not words', () => {
  expect(bans('src/net/rx.ts', 'const t = Date.now();')[0]).toContain('the clock of sim/');
  expect(bans('src/shell/x.ts', 'queue.sort();')).toHaveLength(1);
  expect(bans('src/shell/x.ts', 'for (const k in table) f(k);')).toHaveLength(1);
  expect(bans('src/shell/x.ts', 'const s = `at ${process.argv[0]}`;')).toHaveLength(1);
  expect(bans('src/shell/x.ts', "// Date, Buffer\nconst s = 'process.argv'; const r = /Buffer|Date/;")).toEqual([]);
  expect(bans('src/shell/x.ts', 'const s = `setTimeout`; a.sort((x, y) => x - y); process(skb);')).toEqual([]);
  expect(bans('src/lab/x.ts', 'async function f() { await g(); }')).toEqual([]);
  expect(bans('src/net/x.ts', 'async function f() {}')).toHaveLength(1);
  expect(bans('src/shell/x.ts', 'function f(process: Process) { return process.exit; }')).toEqual([]);
  expect(bans('src/cli/x.ts', 'process.exit(new Date().getDay());')).toEqual([]);
});

test('sizes ratchet, headers are asked for, dead files are found', () => {
  const long = parseSource('src/net/long.ts', 'x;\n'.repeat(501));
  expect(rules.sizeComplaints([long], {})).toHaveLength(1);
  expect(rules.sizeComplaints([long], { 'src/net/long.ts': { lines: 501, why: 'data' } })).toEqual([]);
  expect(rules.sizeComplaints([long], { 'src/net/long.ts': { lines: 500, why: 'data' } })).toHaveLength(1);
  expect(rules.sizeComplaints([], { 'src/net/long.ts': { lines: 501, why: 'data' } })).toHaveLength(1);
  expect(rules.headerComplaints([long])).toHaveLength(1);
  expect(rules.headerComplaints([parseSource('a.ts', '// What this is and is not, in a line.\n')])).toEqual([]);
  const main = parseSource('src/index.ts', "export * from './net/a.ts';");
  const a = parseSource('src/net/a.ts', '');
  expect(rules.deadComplaints([main, a, long], {})).toEqual([expect.stringContaining('src/net/long.ts')]);
  expect(rules.deadComplaints([main, a], { 'src/net/a.ts': 'soon' })).toHaveLength(1);
});

test('words of the workshop are found', () => {
  expect(rules.strayComplaints('a', `see ../${'shared'}/x`)).toHaveLength(1);
  expect(rules.strayComplaints('a', 'see ../shared-things.ts')).toEqual([]);
  expect(rules.strayComplaints('a', 'see work/ and shared')).toEqual([]);
});

test('the scanner keeps its place through templates and regular expressions', () => {
  expect(blank('a = `x${b + `y${c}`}z`; d', true)).toBe('a = ` ${b + ` ${c}`} `; d');
  expect(blank("a = b / c; // d 'e\nf", true).trimEnd()).toBe(`a = b / c;${' '.repeat(8)}\nf`);
  expect(blank('x.replace(/["\']/g, f); y', true)).toBe('x.replace(/    /g, f); y');
});
