// Every refusal that src/lab/apply/refusals.ts explains, provoked on both kernels: the same errno, the same culprit. And the
// table in docs/errnos.md is that table (UPDATE=1 rewrites it).

import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../../src/lab/apply/access.ts';
import { type Action, type NewLink, perform } from '../../src/lab/apply/actions.ts';
import { dumpLinks } from '../../src/lab/apply/dump.ts';
import { explain } from '../../src/lab/apply/explain.ts';
import { ANYWHERE, REFUSALS } from '../../src/lab/apply/refusals.ts';
import { LINK } from '../../src/netlink/payload.ts';
import { parseMac } from '../../src/uapi/format.ts';
import { IFF_UP } from '../../src/uapi/link.ts';
import { RTM_NEWLINK } from '../../src/uapi/msgtype.ts';
import { NLM_F_CREATE } from '../../src/uapi/netlink.ts';
import { ARMS, type Opened } from './arms.ts';

const HOST = { kind: 'host' } as const;
const BLUE = { kind: 'name', name: 'blue' } as const;
const BRIDGE = { mode: 4, flags: 0, sources: [], bcQueueLen: null, bcCutoff: null };
const mac = (text: string): number => parseMac(text) as number;

function link(change: Partial<NewLink>): Action {
  const plain = { ifname: 'x', kind: 'macvlan', lower: 'p0', group: 0, index: null, mac: null, mtu: null } as const;
  return { do: 'link-add', place: HOST, link: { ...plain, macvlan: BRIDGE, vlan: null, up: true, ...change } };
}

const set = (ifname: string, change: object): Action => ({ do: 'link-set', place: HOST, ifname, change });
const prefix = (text: string): { family: 4 | 6; address: string; length: number } => {
  const [address, length] = text.split('/');
  return { family: address.includes(':') ? 6 : 4, address, length: Number(length) };
};
const address = (ifname: string, text: string): Action => ({
  ...{ do: 'address-add', place: HOST, ifname, address: prefix(text) },
});
const route = (ifname: string, to: string | null, via: string | null, how: 'add' | 'del' = 'add'): Action => ({
  ...{ do: `route-${how}`, place: HOST, ifname, route: { to: to === null ? null : prefix(to), via } },
});

/** What a row's rule is, the request, the answer, and what is said of it. */
const CASES: [rule: string, before: Action[], action: Action, errno: string, why: string][] = [
  ['the lower device is not there', [], link({ lower: 4711 }), 'ENODEV', 'there is no device 4711'],
  ['a device of that name', [], link({ ifname: 'theirs' }), 'EEXIST', 'theirs is there already'],
  [
    'group bit',
    [],
    link({ mac: mac('01:00:5e:00:00:01') }),
    'EADDRNOTAVAIL',
    '01:00:5e:00:00:01 is the address of a group (the lowest bit of its first byte is set); the nearest that would do is 02:00:5e:00:00:01',
  ],
  [
    'group bit',
    [],
    link({ mac: mac('03:00:00:00:00:01') }),
    'EADDRNOTAVAIL',
    '03:00:00:00:00:01 is the address of a group (the lowest bit of its first byte is set); the nearest that would do is 02:00:00:00:00:01',
  ],
  [
    'group bit',
    [],
    link({ mac: 0 }),
    'EADDRNOTAVAIL',
    '00:00:00:00:00:00 is no address; the nearest that would do is 02:00:00:00:00:01',
  ],
  ['a port of a bridge', [], link({ lower: 'v0' }), 'EBUSY', 'v0 is a port of the bridge br0'],
  ['loopback', [], link({ lower: 'lo' }), 'EINVAL', 'lo is the loopback device, and carries no macvlans'],
  ['the mtu is larger', [], link({ mtu: 9000 }), 'EINVAL', 'the mtu of p0 is 1500, less than 9000'],
  ['the mtu is larger', [], set('theirs', { mtu: 9000 }), 'EINVAL', 'the mtu of p0 is 1500, less than 9000'],
  ['the mtu is larger', [], link({ mtu: 60 }), 'EINVAL', 'an mtu of 60 is less than 68'],
  [
    'a passthru macvlan has the lower device to itself',
    [{ ...(link({ ifname: 'a0', lower: 'v1', macvlan: { ...BRIDGE, mode: 8 } }) as object), place: BLUE } as Action],
    link({ lower: 'v1' }),
    'EINVAL',
    'blue/a0 has v1 to itself (passthru)',
  ],
  [
    'passthru is asked for',
    [],
    link({ macvlan: { ...BRIDGE, mode: 8 } }),
    'EINVAL',
    'p0 carries a macvlan (theirs), and passthru shares with none',
  ],
  [
    'has the MAC address',
    [set('theirs', { up: true })],
    link({ mac: mac('02:aa:00:00:00:01') }),
    'EADDRINUSE',
    'theirs has 02:aa:00:00:00:01',
  ],
  [
    'has the MAC address',
    [
      { ...(link({ ifname: 'b0', mac: mac('02:aa:00:00:00:02') }) as object), place: BLUE } as Action,
      link({ up: false, mac: mac('02:aa:00:00:00:02') }),
    ],
    set('x', { up: true }),
    'EADDRINUSE',
    'blue/b0 has 02:aa:00:00:00:02',
  ],
  ['passthru is for life', [], set('theirs', { macvlan: { mode: 8 } }), 'EINVAL', 'theirs cannot go into passthru'],
  [
    'a list of sources',
    [],
    set('theirs', { macvlan: { sources: [mac('02:00:00:00:00:07')] } }),
    'EINVAL',
    'only source mode has a list of sources',
  ],
  [
    'or that other name',
    [{ do: 'altname-add', place: HOST, ifname: 'theirs', name: 'other' }],
    { do: 'altname-add', place: HOST, ifname: 'p0', name: 'other' },
    'EEXIST',
    'theirs is called other already',
  ],
  ['of another kind now', [], set('v0', { macvlan: { mode: 4 } }), 'EOPNOTSUPP', 'v0 is a veth'],
  ['has gone meanwhile', [], set('gone', { up: true }), 'ENODEV', 'there is no gone'],
  ['has gone meanwhile', [], { do: 'link-del', place: HOST, ifname: 'gone' }, 'ENODEV', 'there is no gone'],
  ['has gone meanwhile', [], address('gone', '10.0.0.1/24'), 'ENODEV', 'there is no gone'],
  [
    'cannot be removed',
    [],
    { do: 'link-del', place: HOST, ifname: 'lo' },
    'EOPNOTSUPP',
    'lo is no device that was made',
  ],
  [
    'IPv6 is off',
    [{ do: 'sysctl', place: HOST, path: '/proc/sys/net/ipv6/conf/theirs/disable_ipv6', value: '1' }],
    address('theirs', 'fd00::1/64'),
    'EACCES',
    'IPv6 is off on theirs',
  ],
  [
    'the device has the address',
    [address('theirs', '10.0.0.1/24')],
    address('theirs', '10.0.0.1/24'),
    'EEXIST',
    'theirs has 10.0.0.1/24 already',
  ],
  [
    "the namespace's own address",
    [set('theirs', { up: true }), address('theirs', 'fd00::1/64')],
    route('theirs', 'fd01::/64', 'fd00::1'),
    'EINVAL',
    "fd00::1 is this namespace's own address",
  ],
  [
    'on no network',
    [set('theirs', { up: true })],
    route('theirs', '10.1.0.0/16', '10.0.0.9'),
    'ENETUNREACH',
    '10.0.0.9 is on no network of theirs',
  ],
  ['the device is down', [], route('down', '10.1.0.0/16', null), 'ENETDOWN', 'down is down'],
  [
    'another route',
    [set('theirs', { up: true }), route('theirs', '10.1.0.0/16', null)],
    route('theirs', '10.1.0.0/16', null),
    'EEXIST',
    'the namespace has another route 10.1.0.0/16',
  ],
  [
    'no such route',
    [set('theirs', { up: true })],
    route('theirs', '10.1.0.0/16', null, 'del'),
    'ESRCH',
    'there is no route 10.1.0.0/16',
  ],
  [
    'a namespace, or a file',
    [],
    { do: 'netns-add', name: 'blue', tag: 'x' },
    'EEXIST',
    '/run/netns/blue is there already',
  ],
  [
    'the driver does not offer',
    [],
    { do: 'offload', ifname: 'v0', on: true },
    'EOPNOTSUPP',
    'the driver of v0 keeps l2-fwd-offload as it is',
  ],
];

/** Rows that neither kernel here can be brought to. */
const NOT_HERE: Record<string, string> = {
  'no such kind of device': 'a test of its own, where this kernel has no 8021q',
  'the lower device carries no VLANs': 'no such device here',
  'the lower device has a VLAN device of that number': 'a kernel without 8021q',
  'something else takes what the lower device receives': 'a kernel without ipvlan',
  'the passthru macvlan that has the lower device is in a namespace': 'found in a namespace with a name above',
  'too many devices stand on each other': 'macvlans flatten: there is no depth to reach',
  'a number that the kernel does not take': 'the lab file takes none either',
  'the same, from Linux before 4.20': 'an old kernel',
  'a VLAN device comes up only': 'a kernel without 8021q',
  'a radio is switched off': 'no radio here',
  'IPv6 needs an mtu of 1280': 'which errno it is depends on the kernel; told by mtu',
  'the device has no IPv6': 'as above',
  'the kernel has no IPv6': 'these kernels have it',
  'the address is no address of one host': 'the kernels take what the lab file lets through',
  'a process without CAP_SYS_ADMIN': 'the permission tests',
  '/proc/sys is mounted read-only': 'needs a container: the permission tests',
  '/run is read-only': 'the permission tests',
  'the limit of network namespaces': 'a limit of the whole machine',
  'the process may not open more files': 'a limit of the test itself',
};

test('every row of the table is provoked, or it is said why not', () => {
  const rules = [...CASES.map(([rule]) => rule), ...Object.keys(NOT_HERE)];
  const silent = REFUSALS.filter(({ rule }) => !rules.some((r) => rule.includes(r)));
  expect(silent.map((r) => r.rule)).toEqual([]);
});

for (const arm of ARMS) {
  describe.skipIf(arm.skip !== null)(`on ${arm.name}${arm.skip === null ? '' : ` (skipped: ${arm.skip})`}`, () => {
    let on: Opened;
    let access: Access;
    beforeEach(async () => {
      on = await arm.open();
      access = new Access(on.kernel);
      const { client } = access.host;
      const make = (attrs: object, up = false): void =>
        client.request(LINK, RTM_NEWLINK, NLM_F_CREATE, up ? { flags: IFF_UP, change: IFF_UP } : {}, attrs as never);
      make({ ifname: 'v0', linkinfo: { kind: 'veth', data: { peer: { header: {}, attrs: { ifname: 'v1' } } } } });
      make({ ifname: 'br0', linkinfo: { kind: 'bridge' } });
      make({ ifname: 'v0', master: dumpLinks(client).find((m) => m.attrs.ifname === 'br0')?.header.index });
      const p0 = dumpLinks(client).find((m) => m.attrs.ifname === 'p0')?.header.index;
      make({ ifname: 'down', link: p0, linkinfo: { kind: 'macvlan', data: { mode: 4 } } });
      perform(access, { do: 'netns-add', name: 'blue', tag: '' });
    });
    afterEach(() => {
      access?.close();
      on?.close();
    });

    test.each(CASES)('%s', (_rule, before, action, errno, why) => {
      for (const first of before) perform(access, first);
      let thrown: unknown = null;
      try {
        perform(access, action);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: errno });
      expect(explain(access, action, thrown as Error)?.why).toBe(why);
    });
  });
}

test.skipIf(ARMS[1].skip !== null)('a kernel without VLANs, where this one is such', async (context) => {
  const on = await ARMS[1].open();
  const access = new Access(on.kernel);
  const vlan = link({ kind: 'vlan', macvlan: null, vlan: 7 });
  let thrown: unknown = null;
  try {
    perform(access, vlan);
  } catch (error) {
    thrown = error;
  }
  const why = thrown === null ? '' : explain(access, vlan, thrown as Error)?.why;
  access.close();
  on.close();
  if (thrown === null) return context.skip('this kernel has VLANs');
  expect(thrown).toMatchObject({ code: 'EOPNOTSUPP' });
  expect(why).toBe('this kernel has no vlan (CONFIG_VLAN_8021Q)');
});

test('docs/errnos.md has the table', () => {
  const file = 'docs/errnos.md';
  const rows = [...REFUSALS, ...ANYWHERE.map((r) => ({ ...r, asking: 'anything' }))];
  const body = rows.map((r) => `| ${[r.asking].flat().join(', ')} | ${r.errno} | ${r.rule} | ${r.cure} |\n`).join('');
  const table = `| asked for | errno | the rule | the way out |\n|---|---|---|---|\n${body}`;
  const text = readFileSync(file, 'utf8');
  const [head, , tail] = text.split(/<!-- (?:table|end) -->\n/);
  const wanted = `${head}<!-- table -->\n${table}<!-- end -->\n${tail}`;
  if (process.env.UPDATE === '1') writeFileSync(file, wanted);
  else expect(text).toBe(wanted);
});
