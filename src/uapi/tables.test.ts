// What holds for every table of attributes: no number and no key twice, and a place for what it does not name.
import { expect, test } from 'vitest';
import * as addr from './addr.ts';
import type { AnyTable } from './attr.ts';
import * as bridge from './bridge.ts';
import * as ethtool from './ethtool.ts';
import * as genl from './genl.ts';
import * as ifla from './ifla.ts';
import * as link from './link.ts';
import * as linkinfo from './linkinfo.ts';
import * as neigh from './neigh.ts';
import * as netlink from './netlink.ts';
import * as netns from './netns.ts';
import * as qdisc from './qdisc.ts';
import * as route from './route.ts';

const modules = { addr, bridge, ethtool, genl, ifla, link, linkinfo, neigh, netlink, netns, qdisc, route };
const tables = Object.values(modules)
  .flatMap((module) => Object.entries(module))
  .filter(
    (entry): entry is [string, AnyTable] => typeof entry[1] === 'object' && entry[1] !== null && 'lines' in entry[1],
  );

test.each(tables)('%s', (_, table) => {
  const types = table.lines.map((line) => line.type);
  const keys = table.lines.map((line) => line.key);
  expect(new Set(types).size).toBe(types.length);
  expect(keys).not.toContain('unknown');
  expect(table.lines.filter((line) => line.kind.code === 'byKind' && !keys.includes(line.kind.sibling))).toEqual([]);
});
