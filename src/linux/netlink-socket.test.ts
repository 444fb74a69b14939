// Real netlink sockets in a namespace that the test makes itself. Needs Linux and root; says so and is skipped elsewhere.

import { readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NlClient } from '../netlink/client.ts';
import { ADDR, LINK } from '../netlink/payload.ts';
import { IFF_UP } from '../uapi/link.ts';
import { RTM_DELLINK, RTM_GETADDR, RTM_GETLINK, RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.ts';
import { RTNLGRP_LINK } from '../uapi/rtnlgrp.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { type LinuxNs, Namespaces } from './netns.ts';
import { openSys } from './sys.ts';

const reason = process.platform !== 'linux' ? 'needs Linux' : process.getuid?.() === 0 ? null : 'needs root';

describe.skipIf(reason !== null)(`netlink on this kernel${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let namespaces: Namespaces;
  let ns: LinuxNs;
  let client: NlClient;
  let listener: NlClient;

  beforeAll(async () => {
    const sys = await openSys();
    namespaces = new Namespaces(sys);
    ns = namespaces.create();
    client = new NlClient(namespaces.inside(ns, () => new NetlinkSocket(sys, 0)));
    listener = new NlClient(namespaces.inside(ns, () => new NetlinkSocket(sys, 0)));
  });
  afterAll(() => {
    client?.close();
    listener?.close();
    if (ns !== undefined) namespaces.close(ns);
  });

  const names = (): string[] => client.dump(LINK, RTM_GETLINK, {}, {}).messages.map((m) => m.attrs.ifname as string);

  test('a namespace of its own, and this thread is back where it was', () => {
    expect(names()).toEqual(['lo']);
    expect(ns.inode).not.toBe(namespaces.own.inode);
    expect(readlinkSync('/proc/thread-self/ns/net')).toBe(`net:[${namespaces.own.inode}]`);
  });

  test('create, change, refuse, delete; and what is told of it', async () => {
    listener.join(RTNLGRP_LINK);
    const told: string[] = [];
    listener.onNotification = (m) => told.push(m.type === RTM_NEWLINK ? 'new' : 'del');
    const woken = new Promise<void>((resolve) => {
      listener.transport.onReadable = resolve;
    });
    const make = { ifname: 'v0', linkinfo: { kind: 'veth' } };
    const flags = NLM_F_CREATE | NLM_F_EXCL;
    client.request(LINK, RTM_NEWLINK, flags, {}, make);
    expect(names()).toContain('v0');
    await woken;
    listener.poll();
    expect(told.length).toBeGreaterThan(1);
    const refusal = client.tryRequest(LINK, RTM_NEWLINK, flags, {}, make);
    expect(refusal?.errno).toBe(17);
    const bad = { ifname: 'm0', link: 1, linkinfo: { kind: 'macvlan' } };
    expect(client.tryRequest(LINK, RTM_NEWLINK, flags, {}, bad)?.errno).toBe(22);
    client.request(LINK, RTM_NEWLINK, 0, { flags: IFF_UP, change: IFF_UP }, { ifname: 'v0' });
    client.request(LINK, RTM_DELLINK, 0, {}, { ifname: 'v0' });
    expect(names()).toEqual(['lo']);
  });

  test('the kernel checks requests for dumps strictly, and its own words come along', () => {
    const strange = (): unknown => client.dump(ADDR, RTM_GETADDR, { family: 2, prefixlen: 24 }, {});
    expect(strange).toThrow(/EINVAL .*Invalid values in header for address dump request/);
    const short = { ifname: 'm0', mtu: 60, linkinfo: { kind: 'bridge' } };
    const refusal = client.tryRequest(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, short as never);
    expect(refusal?.extack.text).toBe('mtu less than device minimum');
  });

  test('a batch: the last one is acknowledged, and a refusal before it is told with its request', () => {
    const make = (ifname: string) => ({
      ...{ form: LINK, type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, header: {} },
      attrs: { ifname, linkinfo: { kind: 'bridge' } },
    });
    const answers = client.batch([make('b0'), make('b1'), make('b0'), make('b2')] as never);
    expect(answers.map((a) => a?.code ?? null)).toEqual([null, null, 'EEXIST', null]);
    for (const ifname of ['b0', 'b1', 'b2']) client.request(LINK, RTM_DELLINK, 0, {}, { ifname });
  });

  test('a thousand links in one datagram, and all of them in one dump', () => {
    client.request(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, { ifname: 'v0', linkinfo: { kind: 'veth' } });
    const link = client.get(LINK, RTM_GETLINK, {}, { ifname: 'v0' }).header.index;
    const answers = client.batch(
      Array.from({ length: 1000 }, (_, i) => ({
        form: LINK,
        type: RTM_NEWLINK,
        flags: NLM_F_CREATE | NLM_F_EXCL,
        header: {},
        attrs: { ifname: `m${i}`, link: link, linkinfo: { kind: 'macvlan' } },
      })) as Parameters<NlClient['batch']>[0],
    );
    expect(answers.filter((a) => a !== null)).toEqual([]);
    expect(names().filter((n) => /^m\d+$/.test(n))).toHaveLength(1000);
  });
});
