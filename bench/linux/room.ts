// What the linux-* benchmarks do, in a process of its own: benches/linux.ts starts it inside new network, mount and PID namespaces,
// so nothing of the machine is seen or touched. One order a line on standard input, one answer (milliseconds) on standard output.

import { spawnSync } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Access } from '../../src/lab/apply/access.ts';
import { applyLab, destroyLab } from '../../src/lab/apply/apply.ts';
import { briefLinks } from '../../src/lab/apply/dump.ts';
import { parseLab } from '../../src/lab/file/lab-yaml.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import type { Snapshot } from '../../src/lab/snapshot/snapshot.ts';
import { LinuxOs } from '../../src/linux/linux-os.ts';
import type { NlClient, Request } from '../../src/netlink/client.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { IFF_UP } from '../../src/uapi/link.ts';
import { RTM_DELLINK, RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../src/uapi/netlink.ts';

const GROUP = 4711;
const BATCH = '/run/netns/.batch';
const kernel = await LinuxOs.open();
const nothing = openSync('/dev/null', 'w');
const access = new Access(kernel);
const { client } = access.host;

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { stdio: ['ignore', nothing, 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function ms(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

function ipBatch(lines: readonly string[], ...before: string[]): number {
  writeFileSync(BATCH, `${lines.join('\n')}\n`);
  return ms(() => ip(...before, '-batch', BATCH));
}

const each = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const addressOf = (i: number): string => `10.9.${i >> 8}.${i & 255}/16`;

/** `count` endpoints: in the host's namespace, or each in one of its own that is there. */
function labOf(count: number, own: boolean): ReturnType<typeof parseLab> {
  const ends = each(count, (i) =>
    own ? `  n${i}: { device: eth0, addresses: [${addressOf(i)}] }` : `  n${i}: { netns: host, device: mv${i} }`,
  );
  const text = `lab: bench\nhost: true\nnetworks: { lan: { lower: p0 } }\nendpoints:\n${ends.join('\n')}\n`;
  return parseLab(text, 'bench.yaml');
}

/** What any program does at best: one datagram of requests to create and bring up, and the last one's acknowledgement. */
function rawCreate(count: number): number {
  const link = briefLinks(client).find((m) => m.attrs.ifname === 'p0')?.header.index;
  const up = { flags: IFF_UP, change: IFF_UP };
  return ms(() => {
    const requests = each(count, (i) => ({
      ...{ form: LINK, type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, header: up },
      attrs: { ifname: `mv${i}`, link, linkinfo: { kind: 'macvlan', data: { mode: 4 } } },
    }));
    granted(client, requests as never);
  });
}

function granted(to: NlClient, requests: readonly Request<unknown, unknown>[]): void {
  for (const refusal of to.batch(requests)) if (refusal !== null) throw refusal;
}

/** All macvlans of this namespace, however they were made. */
function clear(): void {
  const made = briefLinks(client).filter((m) => m.attrs.linkinfo?.kind === 'macvlan');
  if (made.length === 0) return;
  const mark = made.map((m) => ({
    ...{ form: LINK, type: RTM_NEWLINK, header: { index: m.header.index }, attrs: { group: GROUP } },
  }));
  granted(client, mark as never);
  client.request(LINK, RTM_DELLINK, 0, {}, { group: GROUP });
}

function check(count: number, up: number): void {
  const made = briefLinks(client).filter((m) => m.attrs.linkinfo?.kind === 'macvlan');
  const risen = made.filter((m) => (m.header.flags & IFF_UP) !== 0);
  if (made.length !== count || risen.length !== up) throw new Error(`${made.length} macvlans, ${risen.length} up`);
}

const adds = (count: number): string[] =>
  each(count, (i) => `link add link p0 name mv${i} type macvlan mode bridge\nlink set mv${i} up`);

/** How many namespaces there are. */
let namespaces = 0;

function needNamespaces(count: number): void {
  for (; namespaces < count; namespaces++) ip('netns', 'add', `n${namespaces}`);
}

/** Create and move; then address and up, where the device is. */
function ipNamespaces(count: number): number {
  const create = each(
    count,
    (i) => `link add link p0 name mv${i} type macvlan mode bridge\nlink set mv${i} netns n${i}`,
  );
  let took = ipBatch(create);
  for (let i = 0; i < count; i++) {
    const inside = [`link set mv${i} name eth0`, `addr add ${addressOf(i)} dev eth0`, 'link set eth0 up'];
    took += ipBatch(inside, '-n', `n${i}`);
  }
  return took;
}

function clearNamespaces(count: number): void {
  for (let i = 0; i < count; i++)
    access.at({ kind: 'name', name: `n${i}` }).client.request(LINK, RTM_DELLINK, 0, {}, { ifname: 'eth0' });
}

const ORDERS: Record<string, (count: number) => number> = {
  'create ours': (count) => {
    const lab = labOf(count, false);
    const took = ms(() => applyLab(kernel, lab));
    check(count, count);
    destroyLab(kernel, 'bench');
    return took;
  },
  'create ip': (count) => {
    const took = ipBatch(adds(count));
    check(count, count);
    clear();
    return took;
  },
  'raw ours': (count) => {
    const took = rawCreate(count);
    check(count, count);
    clear();
    return took;
  },
  'raw ip': (count) => {
    const took = ipBatch(each(count, (i) => `link add link p0 name mv${i} up type macvlan mode bridge`));
    check(count, count);
    clear();
    return took;
  },
  'netns ours': (count) => {
    needNamespaces(count);
    const lab = labOf(count, true);
    const took = ms(() => applyLab(kernel, lab));
    destroyLab(kernel, 'bench');
    return took;
  },
  'netns ip': (count) => {
    needNamespaces(count);
    const took = ipNamespaces(count);
    clearNamespaces(count);
    return took;
  },
  'delete ours': (count) => {
    applyLab(kernel, labOf(count, false));
    const took = ms(() => destroyLab(kernel, 'bench'));
    check(0, 0);
    return took;
  },
  'delete ip': (count) => {
    ipBatch(adds(count));
    const took = ipBatch(each(count, (i) => `link del mv${i}`));
    check(0, 0);
    return took;
  },
  'dump ours': (count) => {
    if (briefLinks(client).length < count) applyLab(kernel, labOf(count, false));
    return ms(() => briefLinks(client));
  },
  'dump ip': () => ms(() => ip('-d', 'link')),
  'snapshot ours': (count) => {
    fill(count);
    let snapshot: Snapshot | null = null;
    const took = ms(() => {
      snapshot = readSnapshot(kernel);
    });
    const links = (snapshot as Snapshot | null)?.namespaces.flatMap((ns) => ns.links.filter((l) => l.macvlan !== null));
    if (links?.length !== count) throw new Error(`${links?.length} macvlans in the snapshot`);
    return took;
  },
  'snapshot ip': (count) => {
    fill(count);
    return ms(() => {
      for (const where of ['', ...each(namespaces, (i) => `n${i}`)]) {
        const inside = where === '' ? [] : ['-n', where];
        ipBatch(['link', 'addr', 'route show table all', 'rule', 'neigh'], ...inside, '-d');
        ipBatch(['route show table all', 'rule'], ...inside, '-6');
      }
    });
  },
};

const EACH = 5;

/** `count` macvlans, five to a namespace, the first of each with an address and up. */
function fill(count: number): void {
  const spaces = Math.ceil(count / EACH);
  if (namespaces >= spaces) return;
  needNamespaces(spaces);
  ipBatch(
    each(count, (i) => `link add link p0 name m${i % EACH} netns n${Math.floor(i / EACH)} type macvlan mode bridge`),
  );
  for (let i = 0; i < spaces; i++) ipBatch([`addr add ${addressOf(i)} dev m0`, 'link set m0 up'], '-n', `n${i}`);
}

ip('link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p0x');
ip('link', 'set', 'p0', 'up');
ip('link', 'set', 'p0x', 'up');
for await (const line of createInterface({ input: process.stdin })) {
  const [what, count] = line.split(':');
  try {
    process.stdout.write(`${ORDERS[what](Number(count))}\n`);
  } catch (error) {
    process.stdout.write(`${(error as Error).message}\n`);
  }
}
