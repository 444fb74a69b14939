// One link as AF_BRIDGE shows it. iproute2: bridge/link.c, print_linkinfo().

import type { Decoded } from '../../../netlink/message.ts';
import { BR_STATES, type BridgeLinkAttrs } from '../../../uapi/bridge.ts';
import type { IfInfoMsg } from '../../../uapi/ifla.ts';
import { AF_BRIDGE } from '../../../uapi/link.ts';
import { RTM_DELLINK } from '../../../uapi/msgtype.ts';
import type { Ip } from '../ip/context.ts';
import { printFlags, printNameAndLink } from '../ip/link-print.ts';

export type BridgeLinkMsg = Decoded<IfInfoMsg, BridgeLinkAttrs>;

/** Switches of a port, in the order in which -d prints them. */
const SWITCHES: ReadonlyArray<readonly [key: keyof NonNullable<BridgeLinkAttrs['protinfo']>, word: string]> = [
  ['mode', 'hairpin'],
  ['guard', 'guard'],
  ['protect', 'root_block'],
  ['fastLeave', 'fastleave'],
  ['learning', 'learning'],
  ['learningSync', 'learning_sync'],
  ['unicastFlood', 'flood'],
  ['mcastFlood', 'mcast_flood'],
  ['bcastFlood', 'bcast_flood'],
];
const MORE_SWITCHES: typeof SWITCHES = [
  ['mcastToUcast', 'mcast_to_unicast'],
  ['neighSuppress', 'neigh_suppress'],
  ['vlanTunnel', 'vlan_tunnel'],
  ['isolated', 'isolated'],
  ['locked', 'locked'],
];

/** `index`: only this link; 0: all. */
export function printBridgeLink(ip: Ip, msg: BridgeLinkMsg, index: number): void {
  const { out } = ip;
  const { header: h, attrs: a } = msg;
  if ((h.family !== AF_BRIDGE && h.family !== 0) || (index !== 0 && index !== h.index)) return;
  out.openObject();
  if (msg.type === RTM_DELLINK) out.flag('deleted', 'Deleted ');
  out.any('ifindex', h.index, `${h.index}: `);
  printNameAndLink(ip, msg, ': ');
  printFlags(ip, msg);
  if (a.mtu !== undefined) out.any('mtu', a.mtu, `mtu ${a.mtu} `);
  if (a.master !== undefined) out.any('master', ip.links.name(a.master), `master ${ip.links.name(a.master)} `);
  if (a.protinfo !== undefined) printPort(ip, a.protinfo);
  if (a.afSpec?.mode !== undefined) {
    const mode = a.afSpec.mode;
    if (mode < 2) out.any('hwmode', mode === 1 ? 'VEPA' : 'VEB', `hwmode ${mode === 1 ? 'VEPA' : 'VEB'} `);
    else out.any('hwmode', `0x${mode.toString(16)}`, `hwmode 0x${mode.toString(16)} `);
  }
  out.text('\n');
  out.closeObject();
}

function printPort(ip: Ip, p: NonNullable<BridgeLinkAttrs['protinfo']>): void {
  const { out, opts } = ip;
  if (p.state !== undefined) {
    const state = BR_STATES[p.state];
    if (state !== undefined) out.any('state', state, `state ${state} `);
    else out.any('state', p.state, `state (${p.state}) `);
  }
  if (p.priority !== undefined) out.any('priority', p.priority, `priority ${p.priority} `);
  if (p.cost !== undefined) out.any('cost', p.cost, `cost ${p.cost} `);
  if (opts.details === 0) return;
  const onOff = (list: typeof SWITCHES): void => {
    for (const [key, word] of list) {
      const value = p[key];
      if (value === undefined) continue;
      out.value(word, value !== 0);
      out.text(`${word} ${value !== 0 ? 'on' : 'off'} `);
    }
  };
  out.newline();
  out.text('    ');
  onOff(SWITCHES);
  if (p.multicastRouter !== undefined) out.any('mcast_router', p.multicastRouter, `mcast_router ${p.multicastRouter} `);
  onOff(MORE_SWITCHES);
  if (p.backupPort !== undefined)
    out.any('backup_port', ip.links.name(p.backupPort), `backup_port ${ip.links.name(p.backupPort)} `);
}
