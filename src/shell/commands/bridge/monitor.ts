// `bridge monitor`: what changes in forwarding databases and ports, until a signal ends it. iproute2: bridge/monitor.c.

import { decodeMessage, type NlMessage } from '../../../netlink/message.ts';
import { BRIDGE_LINK, LINK, NEIGH } from '../../../netlink/payload.ts';
import { AF_BRIDGE } from '../../../uapi/link.ts';
import * as rtm from '../../../uapi/msgtype.ts';
import { RTNLGRP_LINK, RTNLGRP_NEIGH } from '../../../uapi/rtnlgrp.ts';
import type { Ip } from '../ip/context.ts';
import { Args, matches } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import { timestamp } from '../iproute/timestamp.ts';
import { NO_FDB_FILTER, printFdb } from './fdb-print.ts';
import { type BridgeLinkMsg, printBridgeLink } from './link-print.ts';
import { monitorUsage } from './usage.ts';

export async function doMonitor(ip: Ip, words: readonly string[]): Promise<number> {
  const groups = new Set<number>();
  let label = false;
  for (const args = new Args(words); args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'link')) groups.add(RTNLGRP_LINK);
    else if (matches(word, 'fdb')) groups.add(RTNLGRP_NEIGH);
    else if (word === 'all') label = true;
    else if (matches(word, 'help')) throw new ToolError(monitorUsage, 255);
    else {
      const absent = ['file', 'mdb', 'vlan', 'vni'].find((name) => matches(word, name));
      if (absent !== undefined) throw new ToolError(`bridge: lowerdev has no "monitor ${absent}" yet\n`, 1);
      throw new ToolError(`Argument "${word}" is unknown, try "bridge monitor help".\n`, 255, false);
    }
  }
  if (groups.size === 0) groups.add(RTNLGRP_LINK).add(RTNLGRP_NEIGH);
  return ip.listen(groups, (msg) => show(ip, msg, label));
}

function show(ip: Ip, msg: NlMessage, label: boolean): void {
  const bridge = msg.bytes[msg.at] === AF_BRIDGE;
  const heading = (text: string): void => {
    if (ip.opts.timestamp) ip.proc.out(timestamp(ip.proc.os.wallNs(), ip.opts.tshort));
    if (label) ip.proc.out(text);
  };
  if (msg.type === rtm.RTM_NEWLINK || msg.type === rtm.RTM_DELLINK) {
    heading('[LINK]');
    printBridgeLink(ip, bridge ? decodeMessage(BRIDGE_LINK, msg) : plainLink(msg), 0);
  } else if (bridge && (msg.type === rtm.RTM_NEWNEIGH || msg.type === rtm.RTM_DELNEIGH)) {
    heading('[NEIGH]');
    printFdb(ip, decodeMessage(NEIGH, msg), NO_FDB_FILTER);
  }
}

/** A link of no family has nothing that `bridge` prints but its name, flags, size and master. */
function plainLink(msg: NlMessage): BridgeLinkMsg {
  const { attrs, ...rest } = decodeMessage(LINK, msg);
  const { ifname, link, linkNetnsid, mtu, master } = attrs;
  return { ...rest, attrs: { ifname, link, linkNetnsid, mtu, master } };
}
