// Sockets: answers in order, acknowledgements as the options want them, a bounded queue, groups, many links in one dump.

import { describe, expect, test } from 'vitest';
import { decodeAnswer, decodeMessage, encodeMessage, parseMessages } from '../netlink/message.ts';
import { LINK } from '../netlink/payload.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from '../uapi/msgtype.ts';
import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../uapi/netlink.ts';
import { RTNLGRP_LINK } from '../uapi/rtnlgrp.ts';
import { openNetlink } from './rtnl.ts';
import { addPair, drain, listen, NEW, testLab } from './testing.ts';

const IFF_UP = 1;

function setUp(index: number, seq: number, flags = NLM_F_REQUEST | NLM_F_ACK): Uint8Array {
  return encodeMessage(LINK, { type: RTM_NEWLINK, flags, seq }, { index, flags: IFF_UP, change: IFF_UP }, {});
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((p) => [...p]));
}

describe('acknowledgements', () => {
  test('many messages in one datagram are answered one by one', () => {
    const lab = testLab();
    const sock = openNetlink(lab.kernel, lab.ns, NETLINK_ROUTE, lab.fds);
    sock.send(join(setUp(1, 10), setUp(99, 11), setUp(1, 12, NLM_F_REQUEST), setUp(99, 13, NLM_F_REQUEST)));
    const said = drain(sock).map((m) => [m.seq, decodeAnswer(m).errno]);
    expect(said).toEqual([
      [10, 0],
      [11, 19],
      [13, 19],
    ]);
  });

  test('words come only with NETLINK_EXT_ACK, the request only without NETLINK_CAP_ACK', () => {
    const lab = testLab();
    const sock = openNetlink(lab.kernel, lab.ns, NETLINK_ROUTE, lab.fds);
    const bad = encodeMessage(
      LINK,
      { type: RTM_NEWLINK, flags: NLM_F_REQUEST | NEW, seq: 1 },
      {},
      {
        ifname: 'x0',
        linkinfo: { kind: 'nosuch' },
      },
    );
    const answer = (): ReturnType<typeof decodeAnswer> & { whole: boolean } => {
      sock.send(bad);
      const [m] = drain(sock);
      return { ...decodeAnswer(m), whole: (m.flags & NLM_F_CAPPED) === 0 };
    };
    expect(answer()).toMatchObject({ errno: 95, extack: { text: 'Unknown device type' }, whole: false });
    sock.setOption(NETLINK_CAP_ACK, false);
    expect(answer()).toMatchObject({ errno: 95, extack: { text: 'Unknown device type' }, whole: true });
    sock.setOption(NETLINK_EXT_ACK, false);
    expect(answer()).toMatchObject({ errno: 95, extack: {}, whole: true });
    expect(() => sock.setOption(77, true)).toThrow(/option 77/);
  });
});

describe('the queue', () => {
  test('what does not fit is lost, and the next read says so once', () => {
    const lab = testLab();
    const sock = listen(lab, lab.ns, [RTNLGRP_LINK]);
    sock.rcvBuf = 6000;
    for (let i = 0; i < 10; i++) lab.client.request(LINK, RTM_NEWLINK, 0, { index: 1 }, { mtu: 1000 + i });
    expect(sock.overruns).toBeGreaterThan(0);
    expect(() => sock.recv()).toThrow(/ENOBUFS/);
    const left = drain(sock);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length + sock.overruns).toBe(10);
    lab.client.request(LINK, RTM_NEWLINK, 0, { index: 1 }, { mtu: 2000 });
    expect(drain(sock)).toHaveLength(1);
  });

  test('a closed socket hears nothing more', () => {
    const lab = testLab();
    const sock = listen(lab, lab.ns, [RTNLGRP_LINK]);
    let woken = 0;
    sock.onReadable = () => woken++;
    lab.client.request(LINK, RTM_NEWLINK, 0, { index: 1 }, { mtu: 1000 });
    expect(woken).toBe(1);
    sock.close();
    lab.client.request(LINK, RTM_NEWLINK, 0, { index: 1 }, { mtu: 1001 });
    expect(woken).toBe(1);
    expect(sock.recv()).toBeNull();
  });

  test('listeners hear their own namespace only', () => {
    const lab = testLab();
    const there = listen(lab, lab.other, [RTNLGRP_LINK]);
    addPair(lab);
    expect(drain(there)).toHaveLength(0);
  });
});

test('a thousand macvlans: made, dumped in datagrams of 32 KiB, deleted by group', () => {
  const lab = testLab();
  const link = addPair(lab);
  const count = 1000;
  for (let i = 0; i < count; i++) {
    lab.client.request(
      LINK,
      RTM_NEWLINK,
      NEW,
      {},
      {
        ifname: `m${i}`,
        link,
        group: 7,
        linkinfo: { kind: 'macvlan', data: { mode: 4 } as never },
      },
    );
  }
  const sock = openNetlink(lab.kernel, lab.ns, NETLINK_ROUTE, lab.fds);
  sock.send(encodeMessage(LINK, { type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP, seq: 5 }, {}, {}));
  const datagrams: Uint8Array[] = [];
  for (let d = sock.recv(); d !== null; d = sock.recv()) datagrams.push(d);
  expect(datagrams.every((d) => d.length <= 32768)).toBe(true);
  expect(datagrams.length).toBeGreaterThan(10);
  const all = datagrams.flatMap((d) => parseMessages(d));
  expect(all.filter((m) => m.type === RTM_NEWLINK)).toHaveLength(count + 3);
  expect(all[all.length - 1].type).toBe(NLMSG_DONE);
  lab.client.request(LINK, RTM_DELLINK, 0, {}, { group: 7 });
  expect(lab.ns.devices().map((d) => d.name)).toEqual(['lo', 'v1', 'v0']);
});

test('NLM_F_ECHO: the maker of a link hears of it first, then that it is done', () => {
  const lab = testLab();
  const link = addPair(lab);
  const sock = openNetlink(lab.kernel, lab.ns, NETLINK_ROUTE, lab.fds);
  const flags = NLM_F_REQUEST | NLM_F_ACK | NEW | 8;
  sock.send(encodeMessage(LINK, { type: RTM_NEWLINK, flags, seq: 9 }, {}, { link, linkinfo: { kind: 'macvlan' } }));
  const [made, done] = drain(sock);
  expect(decodeMessage(LINK, made).attrs.ifname).toBe('macvlan0');
  expect([made.seq, made.pid]).toEqual([9, sock.portId]);
  expect(done.type).toBe(NLMSG_ERROR);
});
