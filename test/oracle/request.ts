// An operation as the netlink request that `ip` and `bridge` would send for it. Both kernels get these bytes.

import { encodeMessage } from '../../src/netlink/message.ts';
import { ADDR, BRIDGE_LINK, LINK, NEIGH } from '../../src/netlink/payload.ts';
import { parseIp4 } from '../../src/uapi/format.ts';
import {
  AF_BRIDGE,
  IFF_ALLMULTI,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_PROMISC,
  IFF_UP,
  type LinkAttrs,
} from '../../src/uapi/link.ts';
import type { LinkInfo } from '../../src/uapi/linkinfo.ts';
import {
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_SETLINK,
} from '../../src/uapi/msgtype.ts';
import { NTF_MASTER, NTF_SELF, NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE } from '../../src/uapi/neigh.ts';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST } from '../../src/uapi/netlink.ts';
import type { LinkFlag, MacvlanWords, Op, PortWord } from './lab.ts';
import { macOfText } from './text.ts';

/** Descriptors of namespaces are agreed: the first is FD_BASE. */
export const FD_BASE = 900;

/** Where the links are at this moment; null: not there. */
export interface Whereabouts {
  find(dev: string): { ns: number; index: number; kind: string } | null;
  space(name: string): number;
}

export interface Request {
  /** Number of the namespace that is asked. */
  ns: number;
  bytes: Uint8Array;
}

const FLAGS: Record<LinkFlag, number> = {
  up: IFF_UP,
  promisc: IFF_PROMISC,
  allmulticast: IFF_ALLMULTI,
  multicast: IFF_MULTICAST,
  arp: IFF_NOARP,
};

const PORT_KEYS: Record<PortWord, string> = {
  hairpin: 'mode',
  learning: 'learning',
  flood: 'unicastFlood',
  mcast_flood: 'mcastFlood',
  bcast_flood: 'bcastFlood',
  isolated: 'isolated',
};

const SOURCE_MODES = { add: 0, del: 1, flush: 2, set: 3 };

/** The others are a system call. */
export type CallOp = Extract<Op, { do: 'send' | 'group' | 'member' | 'file' | 'write' }>;
export type NetlinkOp = Exclude<Op, CallOp>;

export function requestOf(op: NetlinkOp, where: Whereabouts): Request {
  const at = where.find(op.dev);
  const ns = at?.ns ?? 0;
  const index = at?.index ?? 0;
  const byName: LinkAttrs = at === null ? { ifname: op.dev } : {};
  const set = (attrs: LinkAttrs): Request => link(ns, RTM_NEWLINK, 0, { index }, { ...attrs, ...byName });
  const create = (home: string, attrs: LinkAttrs): Request =>
    link(where.space(home), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, { ...attrs, ifname: op.dev });
  const fd = (name: string): number => FD_BASE + where.space(name);
  switch (op.do) {
    case 'veth': {
      const peer = {
        header: {},
        attrs: { ...mtu(op.mtu), address: macOfText(op.peerMac), ifname: op.peer, netNsFd: fd(op.peerNs) },
      };
      const data = { peer } as unknown as LinkInfo['data'];
      return create(op.ns, { ...mtu(op.mtu), address: macOfText(op.mac), linkinfo: { kind: 'veth', data } });
    }
    case 'bridge':
      // Snooping asks the network who is there; what a storm compares is the answer to its own frames.
      return create(op.ns, { ...address(op.mac), linkinfo: { kind: 'bridge', data: { mcastSnooping: 0 } } });
    case 'address': {
      const type = op.add ? RTM_NEWADDR : RTM_DELADDR;
      const head = { type, flags: NLM_F_REQUEST | NLM_F_ACK | (op.add ? NLM_F_CREATE | NLM_F_EXCL : 0), seq: 1 };
      const local = parseIp4(op.ip) as number;
      return {
        ns,
        bytes: encodeMessage(ADDR, head, { family: 2, prefixlen: op.prefix, index }, { local, address: local }),
      };
    }
    case 'macvlan': {
      const lower = where.find(op.on);
      const data = { ...macvlan(op.data), ...sources('set', op.sources) };
      const home = lower === null ? {} : { netNsFd: fd(op.ns) };
      const attrs = {
        ...address(op.mac),
        ...mtu(op.mtu),
        link: lower?.index ?? 99,
        ...home,
        linkinfo: { kind: op.kind ?? 'macvlan', data },
      };
      return link(lower?.ns ?? 0, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, { ...attrs, ifname: op.dev });
    }
    case 'delete':
      return link(ns, RTM_DELLINK, 0, { index }, byName);
    case 'flag': {
      const bit = FLAGS[op.flag];
      return link(ns, RTM_NEWLINK, 0, { index, flags: op.on !== (op.flag === 'arp') ? bit : 0, change: bit }, byName);
    }
    case 'mac':
      return set({ address: macOfText(op.mac) });
    case 'mtu':
      return set({ mtu: op.mtu });
    case 'rename':
      return at === null ? set({ ...byName }) : set({ ifname: op.to });
    case 'move':
      return set({ netNsFd: fd(op.ns) });
    case 'master':
      return set({ master: op.master === null ? 0 : (where.find(op.master)?.index ?? 99) });
    case 'change':
      return set({ linkinfo: { kind: kindOf(at), data: macvlan(op.data) } });
    case 'sources':
      return set({ linkinfo: { kind: kindOf(at), data: sources(op.how, op.macs) } });
    case 'port': {
      const protinfo = { [PORT_KEYS[op.word]]: op.on ? 1 : 0 };
      const head = { type: RTM_SETLINK, flags: NLM_F_REQUEST | NLM_F_ACK, seq: 1 };
      return { ns, bytes: encodeMessage(BRIDGE_LINK, head, { family: AF_BRIDGE, index }, { protinfo }) };
    }
    case 'fdb': {
      const type = op.add ? RTM_NEWNEIGH : RTM_DELNEIGH;
      const head = { type, flags: NLM_F_REQUEST | NLM_F_ACK | (op.add ? NLM_F_CREATE | NLM_F_EXCL : 0), seq: 1 };
      const state = NUD_NOARP | (op.static ? NUD_REACHABLE : NUD_PERMANENT);
      const ndm = { family: AF_BRIDGE, ifindex: index, state, flags: op.to === 'self' ? NTF_SELF : NTF_MASTER };
      return { ns, bytes: encodeMessage(NEIGH, head, ndm, { lladdr: macOfText(op.mac) }) };
    }
  }
}

function link(ns: number, type: number, flags: number, header: object, attrs: LinkAttrs): Request {
  return { ns, bytes: encodeMessage(LINK, { type, flags: NLM_F_REQUEST | NLM_F_ACK | flags, seq: 1 }, header, attrs) };
}

/** What the link is, or a macvlan: of another kind's link that is refused. */
const kindOf = (at: { kind: string } | null): string => (at?.kind === 'macvtap' ? 'macvtap' : 'macvlan');

const mtu = (value: number | undefined): LinkAttrs => (value === undefined ? {} : { mtu: value });
const address = (mac: string | undefined): LinkAttrs => (mac === undefined ? {} : { address: macOfText(mac) });

function macvlan(words: MacvlanWords): NonNullable<LinkInfo['data']> {
  const data: Record<string, unknown> = {};
  if (words.mode !== undefined) data.mode = words.mode;
  if (words.flags !== undefined) data.flags = words.flags;
  if (words.bcqueuelen !== undefined) data.bcQueueLen = words.bcqueuelen;
  if (words.bccutoff !== undefined) data.bcCutoff = words.bccutoff;
  return data as NonNullable<LinkInfo['data']>;
}

function sources(how: keyof typeof SOURCE_MODES, macs: string[] | undefined): NonNullable<LinkInfo['data']> {
  if (macs === undefined) return {} as never;
  const data: Record<string, unknown> = { macaddrMode: SOURCE_MODES[how] };
  if (how === 'set') data.macaddrData = macs.map(macOfText);
  else if (how !== 'flush') data.macaddr = macOfText(macs[0]);
  return data as NonNullable<LinkInfo['data']>;
}
