// /proc/net/vlan: which VLANs there are, and what each has carried. There once the first VLAN of all was made.
// Linux: net/8021q/vlanproc.c.

import { type Vlan, vlanOf } from '../drivers/vlan/priv.ts';
import { PRIV_BRIDGE_PORT, PRIV_MACVLAN_PORT } from '../net/flags.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { readStats } from '../net/stats.ts';
import { lookup, text, type VNode } from './vfs.ts';

export function vlanFolder(ns: NetNs): VNode {
  return lookup(
    () => ['config', ...vlans(ns).map((dev) => dev.name)],
    (name) => {
      if (name === 'config') return text(() => config(ns));
      const dev = ns.dev(name);
      return dev !== null && dev.linkOps?.kind === 'vlan' ? text(() => one(dev)) : null;
    },
  );
}

/** In the order in which they were made. */
function vlans(ns: NetNs): NetDevice[] {
  return [...ns.byIndex.values()].filter((dev) => dev.linkOps?.kind === 'vlan');
}

function config(ns: NetNs): string {
  const head = 'VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n';
  return vlans(ns).reduce((out, dev) => {
    const { vid, lower } = vlanOf(dev);
    return `${out}${dev.name.padEnd(15)}| ${vid}  | ${lower.name}\n`;
  }, head);
}

/** IFF_* of the kernel's own that such a device has: 802_1Q_VLAN, XMIT_DST_RELEASE, UNICAST_FLT, NO_QUEUE, and as a port. */
function privFlags(dev: NetDevice): string {
  const base = 0x1 | 0x20 | 0x1000 | 0x80000;
  const macvlan = (dev.privFlags & PRIV_MACVLAN_PORT) !== 0 ? 0x100 : 0;
  const bridge = (dev.privFlags & PRIV_BRIDGE_PORT) !== 0 ? 0x200 : 0;
  return (base | macvlan | bridge).toString(16);
}

function one(dev: NetDevice): string {
  const vlan = vlanOf(dev);
  const s = readStats(dev);
  const line = (what: string, count: number): string => `${what.padStart(30)} ${String(count).padStart(12)}\n`;
  return (
    `${dev.name}  VID: ${vlan.vid}\t REORDER_HDR: ${vlan.flags & 1}  dev->priv_flags: ${privFlags(dev)}\n` +
    line('total frames received', s.rxPackets) +
    line('total bytes received', s.rxBytes) +
    line('Broadcast/Multicast Rcvd', s.multicast) +
    '\n' +
    line('total frames transmitted', s.txPackets) +
    line('total bytes transmitted', s.txBytes) +
    `Device: ${vlan.lower.name}\n` +
    maps(vlan)
  );
}

function maps(vlan: Vlan): string {
  const at = [...vlan.ingress].map((to, from) => `${from}:${to}`);
  const ingress = `${at.slice(0, 7).join('  ')} ${at[7]}`;
  const egress = vlan.egressMap().map(({ from, to }) => `${from}:${to} `);
  return `INGRESS priority mappings: ${ingress}\n EGRESS priority mappings: ${egress.join('')}\n`;
}
