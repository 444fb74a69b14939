// Generic netlink: which attributes each command carries, and how a family's id is learnt from nlctrl.
// rtnetlink's own list is payload.ts.

import type { AttrTable } from '../uapi/attr.ts';
import * as et from '../uapi/ethtool.ts';
import { CTRL_ATTR, CTRL_CMD_GETFAMILY, type CtrlAttrs, GENL_ID_CTRL, GENLMSGHDR } from '../uapi/genl.ts';
import type { NlClient } from './client.ts';
import { type Payload, payload } from './message.ts';

export type GenlHeader = NonNullable<typeof GENLMSGHDR.sample>;

export const CTRL = payload(GENLMSGHDR, CTRL_ATTR);

/** A payload of generic netlink with its attribute table. */
export function genl<A>(table: AttrTable<A>): Payload<GenlHeader, A> {
  return payload(GENLMSGHDR, table);
}

export const ETHTOOL = {
  strset: genl(et.ETHTOOL_A_STRSET),
  linkinfo: genl(et.ETHTOOL_A_LINKINFO),
  linkmodes: genl(et.ETHTOOL_A_LINKMODES),
  linkstate: genl(et.ETHTOOL_A_LINKSTATE),
  debug: genl(et.ETHTOOL_A_DEBUG),
  wol: genl(et.ETHTOOL_A_WOL),
  features: genl(et.ETHTOOL_A_FEATURES),
  privflags: genl(et.ETHTOOL_A_PRIVFLAGS),
  rings: genl(et.ETHTOOL_A_RINGS),
  channels: genl(et.ETHTOOL_A_CHANNELS),
  coalesce: genl(et.ETHTOOL_A_COALESCE),
  pause: genl(et.ETHTOOL_A_PAUSE),
  tsinfo: genl(et.ETHTOOL_A_TSINFO),
  rss: genl(et.ETHTOOL_A_RSS),
} as const;

/** By command: what a request of user space carries. Replies and notifications carry the same; numbers differ. */
export const ETHTOOL_USER = byCommand([
  ['strset', et.ETHTOOL_MSG_STRSET_GET],
  ['linkinfo', et.ETHTOOL_MSG_LINKINFO_GET, et.ETHTOOL_MSG_LINKINFO_SET],
  ['linkmodes', et.ETHTOOL_MSG_LINKMODES_GET, et.ETHTOOL_MSG_LINKMODES_SET],
  ['linkstate', et.ETHTOOL_MSG_LINKSTATE_GET],
  ['debug', et.ETHTOOL_MSG_DEBUG_GET, et.ETHTOOL_MSG_DEBUG_SET],
  ['wol', et.ETHTOOL_MSG_WOL_GET, et.ETHTOOL_MSG_WOL_SET],
  ['features', et.ETHTOOL_MSG_FEATURES_GET, et.ETHTOOL_MSG_FEATURES_SET],
  ['privflags', et.ETHTOOL_MSG_PRIVFLAGS_GET, et.ETHTOOL_MSG_PRIVFLAGS_SET],
  ['rings', et.ETHTOOL_MSG_RINGS_GET, et.ETHTOOL_MSG_RINGS_SET],
  ['channels', et.ETHTOOL_MSG_CHANNELS_GET, et.ETHTOOL_MSG_CHANNELS_SET],
  ['coalesce', et.ETHTOOL_MSG_COALESCE_GET, et.ETHTOOL_MSG_COALESCE_SET],
  ['pause', et.ETHTOOL_MSG_PAUSE_GET, et.ETHTOOL_MSG_PAUSE_SET],
  ['tsinfo', et.ETHTOOL_MSG_TSINFO_GET],
  ['rss', et.ETHTOOL_MSG_RSS_GET],
]);

/** By command: what the kernel sends. */
export const ETHTOOL_KERNEL = byCommand([
  ['strset', et.ETHTOOL_MSG_STRSET_GET_REPLY],
  ['linkinfo', et.ETHTOOL_MSG_LINKINFO_GET_REPLY, et.ETHTOOL_MSG_LINKINFO_NTF],
  ['linkmodes', et.ETHTOOL_MSG_LINKMODES_GET_REPLY, et.ETHTOOL_MSG_LINKMODES_NTF],
  ['linkstate', et.ETHTOOL_MSG_LINKSTATE_GET_REPLY],
  ['debug', et.ETHTOOL_MSG_DEBUG_GET_REPLY, et.ETHTOOL_MSG_DEBUG_NTF],
  ['wol', et.ETHTOOL_MSG_WOL_GET_REPLY, et.ETHTOOL_MSG_WOL_NTF],
  ['features', et.ETHTOOL_MSG_FEATURES_GET_REPLY, et.ETHTOOL_MSG_FEATURES_SET_REPLY, et.ETHTOOL_MSG_FEATURES_NTF],
  ['privflags', et.ETHTOOL_MSG_PRIVFLAGS_GET_REPLY, et.ETHTOOL_MSG_PRIVFLAGS_NTF],
  ['rings', et.ETHTOOL_MSG_RINGS_GET_REPLY, et.ETHTOOL_MSG_RINGS_NTF],
  ['channels', et.ETHTOOL_MSG_CHANNELS_GET_REPLY, et.ETHTOOL_MSG_CHANNELS_NTF],
  ['coalesce', et.ETHTOOL_MSG_COALESCE_GET_REPLY, et.ETHTOOL_MSG_COALESCE_NTF],
  ['pause', et.ETHTOOL_MSG_PAUSE_GET_REPLY, et.ETHTOOL_MSG_PAUSE_NTF],
  ['tsinfo', et.ETHTOOL_MSG_TSINFO_GET_REPLY],
  ['rss', et.ETHTOOL_MSG_RSS_GET_REPLY],
]);

export type AnyGenlForm = Payload<GenlHeader, unknown>;

function byCommand(lines: [keyof typeof ETHTOOL, ...number[]][]): ReadonlyMap<number, AnyGenlForm> {
  const out = new Map<number, AnyGenlForm>();
  for (const [name, ...commands] of lines) {
    for (const command of commands) out.set(command, ETHTOOL[name] as AnyGenlForm);
  }
  return out;
}

/** A family's id, version and groups. Throws NlError (ENOENT) when the kernel has no such family. */
export function familyOf(client: NlClient, familyName: string): CtrlAttrs {
  return client.get(CTRL, GENL_ID_CTRL, { cmd: CTRL_CMD_GETFAMILY, version: 1 }, { familyName }).attrs;
}
