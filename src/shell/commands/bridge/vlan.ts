// `bridge vlan`: the VLANs that ports carry, shown, added and deleted. iproute2: bridge/vlan.c.

import { BRIDGE_LINK } from '../../../netlink/payload.ts';
import type { UnknownAttr } from '../../../uapi/attr.ts';
import {
  BRIDGE_FLAGS_MASTER,
  BRIDGE_FLAGS_SELF,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_UNTAGGED,
} from '../../../uapi/bridge.ts';
import { AF_BRIDGE, RTEXT_FILTER_BRVLAN, RTEXT_FILTER_BRVLAN_COMPRESSED } from '../../../uapi/link.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_SETLINK } from '../../../uapi/msgtype.ts';
import type { Ip } from '../ip/context.ts';
import { Args, matches } from '../iproute/args.ts';
import { duparg, ToolError } from '../iproute/errors.ts';
import { vlanUsage } from './usage.ts';
import { printVlans } from './vlan-print.ts';

/** Real verbs for what the model lacks: spanning trees and snooping by VLAN, tunnels. */
const ABSENT = ['set', 'tunnelshow', 'global'];
const MAX_VLAN = 4096;

export function doVlan(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  const args = new Args(rest);
  if (verb === undefined) return show(ip, args);
  if (matches(verb, 'add')) return modify(ip, args, RTM_SETLINK);
  if (matches(verb, 'delete')) return modify(ip, args, RTM_DELLINK);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, args);
  for (const name of ABSENT) if (matches(verb, name)) return absent(name);
  if (matches(verb, 'help')) throw new ToolError(vlanUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "bridge vlan help".\n`, 255);
}

function absent(verb: string): never {
  throw new ToolError(`bridge: lowerdev has no "vlan ${verb}" yet\n`, 1);
}

function fail(words: string): never {
  throw new ToolError(`${words}\n`, 255, false);
}

/** vlan_modify(). */
function modify(ip: Ip, args: Args, type: number): number {
  let dev: string | null = null;
  let vid = -1;
  let end = -1;
  let flags = 0;
  let vlan = 0;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') dev = args.need();
    else if (word === 'vid') {
      const [from, to] = args.need().split('-');
      vid = Number.parseInt(from, 10) || 0;
      if (to !== undefined) end = Number.parseInt(to, 10) || 0;
    } else if (word === 'self') flags |= BRIDGE_FLAGS_SELF;
    else if (word === 'master') flags |= BRIDGE_FLAGS_MASTER;
    else if (word === 'pvid') vlan |= BRIDGE_VLAN_INFO_PVID;
    else if (word === 'untagged') vlan |= BRIDGE_VLAN_INFO_UNTAGGED;
    else if (word === 'tunnel_info') absent('tunnel_info');
    else if (matches(word, 'help')) throw new ToolError(vlanUsage, 255);
  }
  if (dev === null || vid === -1) fail('Device and VLAN ID are required arguments.');
  const index = ip.links.index(dev);
  if (index === 0) fail(`Cannot find bridge device "${dev}"`);
  if (vid >= MAX_VLAN) fail(`Invalid VLAN ID "${vid}"`);
  if (end >= 0) {
    if (end >= MAX_VLAN || vid >= end) fail(`Invalid VLAN range "${vid}-${end}"`);
    if ((vlan & BRIDGE_VLAN_INFO_PVID) !== 0) fail('pvid cannot be configured for a vlan range');
  }
  const infos =
    end < 0
      ? [info(vlan, vid)]
      : [info(vlan | BRIDGE_VLAN_INFO_RANGE_BEGIN, vid), info(vlan | BRIDGE_VLAN_INFO_RANGE_END, end)];
  const afSpec = flags === 0 ? { unknown: infos } : { flags, unknown: infos };
  ip.talk(() => ip.client.request(BRIDGE_LINK, type, 0, { family: AF_BRIDGE, index }, { afSpec }), 255);
  return 0;
}

/** IFLA_BRIDGE_VLAN_INFO, which may come several times. */
function info(flags: number, vid: number): UnknownAttr {
  return { type: 2, bytes: Uint8Array.of(flags & 0xff, flags >> 8, vid & 0xff, vid >> 8) };
}

function show(ip: Ip, args: Args): number {
  let dev: string | null = null;
  let vid = 0;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') {
      const text = args.need();
      if (dev !== null) duparg('dev', text);
      dev = text;
    } else if (word === 'vid') {
      const text = args.need();
      if (vid !== 0) duparg('vid', text);
      vid = Number.parseInt(text, 10) || 0;
    }
  }
  const index = dev === null ? 0 : ip.links.index(dev);
  if (dev !== null && index === 0) throw new ToolError(`Cannot find device "${dev}"\n`, 255, false);
  const extMask = ip.opts.resolve ? RTEXT_FILTER_BRVLAN_COMPRESSED : RTEXT_FILTER_BRVLAN;
  const { messages } = ip.dumpOrDie(() => ip.client.dump(BRIDGE_LINK, RTM_GETLINK, { family: AF_BRIDGE }, { extMask }));
  ip.out.begin();
  printVlans(ip, messages, index, vid);
  ip.out.finish();
  return 0;
}
