// Numbers of the link attributes that requests are looked through for, read off the table in uapi so that there is one
// list only; and how a request names the device it is about. Linux: enum IFLA_*, rtnl_dev_get().

import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { IFLA } from '../uapi/link.ts';
import { LINKINFO } from '../uapi/linkinfo.ts';
import type { Tb } from './tb.ts';

function typesOf(lines: readonly { readonly key: string; readonly type: number }[]): ReadonlyMap<string, number> {
  return new Map(lines.map((line) => [line.key, line.type]));
}

const ifla = typesOf(IFLA.lines);
const info = typesOf(LINKINFO.lines);

function ifl(key: string): number {
  return ifla.get(key) as number;
}

/** IFLA_*, by the kernel's name. */
export const A = {
  ADDRESS: ifl('address'),
  BROADCAST: ifl('broadcast'),
  IFNAME: ifl('ifname'),
  MTU: ifl('mtu'),
  LINK: ifl('link'),
  MASTER: ifl('master'),
  PROTINFO: ifl('protinfo'),
  TXQLEN: ifl('txqlen'),
  MAP: ifl('map'),
  OPERSTATE: ifl('operstate'),
  LINKMODE: ifl('linkmode'),
  LINKINFO: ifl('linkinfo'),
  NET_NS_PID: ifl('netNsPid'),
  IFALIAS: ifl('ifalias'),
  VFINFO_LIST: ifl('vfinfoList'),
  VF_PORTS: ifl('vfPorts'),
  PORT_SELF: ifl('portSelf'),
  AF_SPEC: ifl('afSpec'),
  GROUP: ifl('group'),
  NET_NS_FD: ifl('netNsFd'),
  EXT_MASK: ifl('extMask'),
  NUM_TX_QUEUES: ifl('numTxQueues'),
  NUM_RX_QUEUES: ifl('numRxQueues'),
  CARRIER: ifl('carrier'),
  LINK_NETNSID: ifl('linkNetnsid'),
  PROTO_DOWN: ifl('protoDown'),
  GSO_MAX_SEGS: ifl('gsoMaxSegs'),
  GSO_MAX_SIZE: ifl('gsoMaxSize'),
  XDP: ifl('xdp'),
  TARGET_NETNSID: ifl('targetNetnsid'),
  NEW_IFINDEX: ifl('newIfindex'),
  PROP_LIST: ifl('propList'),
  ALT_IFNAME: ifl('altIfname'),
  PROTO_DOWN_REASON: ifl('protoDownReason'),
  GRO_MAX_SIZE: ifl('groMaxSize'),
  GSO_IPV4_MAX_SIZE: ifl('gsoIpv4MaxSize'),
  GRO_IPV4_MAX_SIZE: ifl('groIpv4MaxSize'),
} as const;

/** IFLA_INFO_*. */
export const INFO = {
  KIND: info.get('kind') as number,
  DATA: info.get('data') as number,
  SLAVE_KIND: info.get('slaveKind') as number,
  SLAVE_DATA: info.get('slaveData') as number,
} as const;

const IFNAMSIZ = 16;
const ALTIFNAMSIZ = 128;

/** Was a device named by name? */
export function hasName(tb: Tb): boolean {
  return tb.has(A.IFNAME) || tb.has(A.ALT_IFNAME);
}

/** IFLA_IFNAME, else ''. */
export function ifnameOf(tb: Tb): string {
  return tb.has(A.IFNAME) ? tb.text(A.IFNAME, IFNAMSIZ - 1) : '';
}

/** The device of that name or alternative name. Linux: rtnl_dev_get(). */
export function devByName(ns: NetNs, tb: Tb): NetDevice | null {
  if (tb.has(A.IFNAME)) return ns.dev(tb.text(A.IFNAME, IFNAMSIZ - 1));
  return tb.has(A.ALT_IFNAME) ? ns.dev(tb.text(A.ALT_IFNAME, ALTIFNAMSIZ - 1)) : null;
}
