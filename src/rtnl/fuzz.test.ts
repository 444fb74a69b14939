// Rubbish, and requests with bytes changed: the kernel side never fails by an exception, and every whole message that
// asks for an acknowledgement gets exactly one end (an acknowledgement, a refusal, or the end of a dump).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CTRL, ETHTOOL } from '../netlink/genl.ts';
import { encodeMessage } from '../netlink/message.ts';
import { ADDR, BRIDGE_LINK, LINK, NEIGH, NSID, QDISC, ROUTE } from '../netlink/payload.ts';
import * as rtm from '../uapi/msgtype.ts';
import { NETLINK_GENERIC, NETLINK_ROUTE, NLM_F_ACK, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from '../uapi/netlink.ts';
import { openNetlink } from './rtnl.ts';
import { addPair, drain, NEW, type TestLab, testLab } from './testing.ts';

const RUNS = 400;
const SEED = 20260101;

function seeds(link: number): Array<[protocol: number, request: Uint8Array]> {
  const flags = NLM_F_REQUEST | NLM_F_ACK;
  const head = (type: number, more = 0): { type: number; flags: number; seq: number } => ({
    type,
    flags: flags | more,
    seq: 1,
  });
  const macvlan = { kind: 'macvlan', data: { mode: 16, macaddrMode: 3, macaddrData: [0x020000000001] } as never };
  return [
    [0, encodeMessage(LINK, head(rtm.RTM_NEWLINK, NEW), {}, { ifname: 'm%d', link, mtu: 1400, linkinfo: macvlan })],
    [0, encodeMessage(LINK, head(rtm.RTM_NEWLINK), { index: link }, { ifalias: 'x', group: 3, txqlen: 9, netNsFd: 3 })],
    [0, encodeMessage(LINK, head(rtm.RTM_GETLINK), { index: link }, { extMask: 9 })],
    [0, encodeMessage(LINK, head(rtm.RTM_NEWLINKPROP), { index: link }, { propList: ['other'] })],
    [0, encodeMessage(LINK, head(rtm.RTM_DELLINK), {}, { ifname: 'm0' })],
    [0, encodeMessage(BRIDGE_LINK, head(rtm.RTM_SETLINK), { family: 7, index: link }, { protinfo: { mode: 1 } })],
    [
      0,
      encodeMessage(ADDR, head(rtm.RTM_NEWADDR, NEW), { family: 2, prefixlen: 24, index: link }, { local: 0x0a000001 }),
    ],
    [
      0,
      encodeMessage(
        ROUTE,
        head(rtm.RTM_NEWROUTE, NEW),
        { family: 2, dstLen: 8, type: 1, table: 254 },
        { dst: 0x0b000000, oif: link, metrics: { mtu: 1400 } },
      ),
    ],
    [0, encodeMessage(ROUTE, head(rtm.RTM_GETROUTE), { family: 2, dstLen: 32 }, { dst: 0x7f000001 })],
    [
      0,
      encodeMessage(
        NEIGH,
        head(rtm.RTM_NEWNEIGH, NEW),
        { family: 2, ifindex: link, state: 128 },
        { dst: 0x0a000007, lladdr: 0x020000000007 },
      ),
    ],
    [
      0,
      encodeMessage(
        NEIGH,
        head(rtm.RTM_NEWNEIGH, NEW),
        { family: 7, ifindex: link, state: 128, flags: 2 },
        { lladdr: 0x020000000007 },
      ),
    ],
    [0, encodeMessage(NSID, head(rtm.RTM_NEWNSID), {}, { nsid: 4, fd: 3 })],
    [0, encodeMessage(QDISC, head(rtm.RTM_NEWQDISC, NEW), { ifindex: link, parent: 0xffffffff }, { kind: 'pfifo' })],
    [16, encodeMessage(CTRL, head(16), { cmd: 3, version: 1 }, { familyName: 'ethtool' })],
    [
      16,
      encodeMessage(
        ETHTOOL.features,
        head(21),
        { cmd: 12, version: 1 },
        { header: { devName: 'v0' }, wanted: { bits: [{ name: 'rx-gro', value: true }] } },
      ),
    ],
    [16, encodeMessage(ETHTOOL.channels, head(21), { cmd: 18, version: 1 }, { header: { devName: 'v0' }, rxCount: 2 })],
    [16, encodeMessage(ETHTOOL.strset, head(21), { cmd: 1, version: 1 }, { header: {}, stringsets: [{ id: 4 }] })],
  ];
}

/** Messages that are whole, carry a request and ask for an acknowledgement: one end is due for each. */
function endsDue(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let due = 0;
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    if (length < 16 || at + length > bytes.length) break;
    if ((view.getUint16(at + 6, true) & NLM_F_ACK) !== 0) due++;
    at += (length + 3) & ~3;
  }
  return due;
}

function endsOf(lab: TestLab, protocol: number, bytes: Uint8Array, strict: boolean): number {
  const sock = openNetlink(lab.kernel, lab.ns, protocol, lab.fds);
  sock.rcvBuf = 1 << 24;
  sock.strictCheck = strict;
  sock.send(bytes);
  const ends = drain(sock).filter((m) => m.type === NLMSG_ERROR || m.type === NLMSG_DONE).length;
  sock.close();
  return ends;
}

test('rubbish', () => {
  const lab = testLab();
  addPair(lab);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(NETLINK_ROUTE, NETLINK_GENERIC),
      (bytes, protocol) => {
        expect(endsOf(lab, protocol, bytes, false)).toBeGreaterThanOrEqual(endsDue(bytes));
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
});

test('requests with bytes changed', () => {
  let lab = testLab();
  let all = seeds(addPair(lab));
  let sent = 0;
  const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
  const which = fc.nat({ max: all.length - 1 });
  const changes = fc.array(change, { maxLength: 4 });
  fc.assert(
    fc.property(which, changes, fc.nat({ max: 12 }), fc.boolean(), (which, changes, cut, strict) => {
      if (++sent % 60 === 0 || lab.ns.dev('v0') === null) {
        lab = testLab();
        all = seeds(addPair(lab));
      }
      const [protocol, request] = all[which];
      const bytes = request.slice(0, request.length - (cut > 8 ? cut : 0));
      // Most changes go behind the header: what is no message at all is the other test's.
      for (const [at, value] of changes)
        bytes[at % 8 === 0 ? at % bytes.length : 16 + (at % (bytes.length - 16))] = value;
      // Refusals come unasked too, so there may be more ends than were asked for, never fewer.
      expect(endsOf(lab, protocol, bytes, strict)).toBeGreaterThanOrEqual(endsDue(bytes));
      lab.kernel.loop.runUntil(lab.kernel.loop.now + 1_000_000);
    }),
    { numRuns: RUNS * 5, seed: SEED },
  );
});
