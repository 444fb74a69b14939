// /proc/net/bonding: a file a bond. Linux: drivers/net/bonding/bond_procfs.c.

import { type Bond, type BondSlave, bondOf } from '../drivers/bond/state.ts';
import { linkSpeed } from '../net/ethtool.ts';
import type { NetNs } from '../net/netns.ts';
import { KERNEL_RELEASE } from '../net/release.ts';
import { BOND_FAIL_OVER_MAC, BOND_LINK_UP, BOND_PRIMARY_RESELECT } from '../uapi/bond.ts';
import { formatMac } from '../uapi/format.ts';
import { lookup, text, type VNode } from './vfs.ts';

const MODES = [
  'load balancing (round-robin)',
  'fault-tolerance (active-backup)',
  'load balancing (xor)',
  'fault-tolerance (broadcast)',
  'IEEE 802.3ad Dynamic link aggregation',
  'transmit load balancing',
  'adaptive load balancing',
];
const LINKS = ['up', 'going down', 'down', 'going back'];

export function bondingFolder(ns: NetNs): VNode {
  const bonds = () => [...ns.byIndex.values()].filter((dev) => dev.linkOps?.kind === 'bond');
  return lookup(
    () => bonds().map((dev) => dev.name),
    (name) => {
      const dev = bonds().find((d) => d.name === name);
      return dev === undefined ? null : text(() => one(bondOf(dev)));
    },
  );
}

function one(bond: Bond): string {
  const lines = [`Ethernet Channel Bonding Driver: v${KERNEL_RELEASE}`, ''];
  const mac =
    bond.usesPrimary && bond.failOverMac !== 0 ? ` (fail_over_mac ${BOND_FAIL_OVER_MAC[bond.failOverMac]})` : '';
  lines.push(`Bonding Mode: ${MODES[bond.mode]}${mac}`);
  if (bond.usesPrimary) {
    const reselect = BOND_PRIMARY_RESELECT[bond.primaryReselect];
    const primary = bond.primary === null ? 'None' : `${bond.primary.dev.name} (primary_reselect ${reselect})`;
    lines.push(`Primary Slave: ${primary}`, `Currently Active Slave: ${bond.active?.dev.name ?? 'None'}`);
  }
  lines.push(
    `MII Status: ${bond.dev.carrier ? 'up' : 'down'}`,
    `MII Polling Interval (ms): ${bond.miimon}`,
    `Up Delay (ms): ${bond.updelay * bond.miimon}`,
    `Down Delay (ms): ${bond.downdelay * bond.miimon}`,
    `Peer Notification Delay (ms): ${bond.peerNotifDelay * bond.miimon}`,
  );
  return `${lines.join('\n')}\n${bond.slaves.map(slave).join('')}`;
}

function slave(s: BondSlave): string {
  const speed = linkSpeed(s.dev);
  const known = speed > 0 && s.dev.running;
  return `
Slave Interface: ${s.dev.name}
MII Status: ${LINKS[s.link] ?? LINKS[BOND_LINK_UP]}
Speed: ${known ? `${speed} Mbps` : 'Unknown'}
Duplex: ${known ? 'full' : 'Unknown'}
Link Failure Count: ${s.linkFailureCount}
Permanent HW addr: ${formatMac(s.permAddr)}
Slave queue ID: ${s.queueId}
`;
}
