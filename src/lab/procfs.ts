// /proc as a namespace sees it: the tables of /proc/net that scripts read, and /proc/sys. The kernel's own layout, to
// the column. Linux: net/core/net-procfs.c, net/ipv4/arp.c, fib_trie.c (fib_route_seq_show), igmp.c, proc.c.

import { mcDump, NEIGH4, neighDump, routeDump } from '../inet/control.ts';
import { netstatText, snmpText } from '../inet/proc-snmp.ts';
import { sockstatText, tcpTable } from '../inet/proc-tcp.ts';
import { sysctlIsFile, sysctlList, sysctlRead, sysctlWrite } from '../inet/sysctl.ts';
import type { NetNs } from '../net/netns.ts';
import { KERNEL_RELEASE } from '../net/release.ts';
import { readStats } from '../net/stats.ts';
import { formatIp4, formatMac } from '../uapi/format.ts';
import { bondingFolder } from './proc-bond.ts';
import { vlanFolder } from './proc-vlan.ts';
import { proc6Files } from './proc6.ts';
import { folder, knob, lookup, text, type VNode } from './vfs.ts';

/** The tree under /proc. */
export function procTree(ns: NetNs): VNode {
  const net = folder({
    arp: text(() => arpTable(ns)),
    bonding: bondingFolder(ns),
    dev: text(() => devTable(ns)),
    dev_mcast: text(() => mcastTable(ns)),
    ...proc6Files(ns),
    igmp: text(() => igmpTable(ns)),
    netstat: text(() => netstatText(ns)),
    route: text(() => routeTable(ns)),
    sockstat: text(() => sockstatText(ns)),
    tcp: text(() => tcpTable(ns)),
    snmp: text(() => snmpText(ns)),
    vlan: vlanFolder(ns),
  });
  return folder({
    net,
    self: folder({ net }),
    sys: folder({ lowerdev: folder({ noqueue_xoff: noqueueXoff(ns) }), net: sysctlFolder(ns, 'net') }),
    uptime: text(() => `${seconds(ns)} ${seconds(ns)}\n`),
    version: text(() => `Linux version ${KERNEL_RELEASE} (the model kernel of lowerdev)\n`),
  });
}

const seconds = (ns: NetNs): string => (ns.kernel.loop.now / 1e9).toFixed(2);

/** A switch of the model, not of Linux: what a stopped queue without qdisc does to a frame. docs/offload.md. */
function noqueueXoff({ kernel }: NetNs): VNode {
  return knob(
    () => (kernel.noqueueXoffDrops ? 'drop\n' : 'enetdown\n'),
    (value) => {
      const word = value.trim();
      if (word !== 'drop' && word !== 'enetdown') return -EINVAL;
      kernel.noqueueXoffDrops = word === 'drop';
      return 0;
    },
  );
}

const EINVAL = 22;

/** A directory of /proc/sys: entries are looked up by their dotted name. */
function sysctlFolder(ns: NetNs, path: string): VNode {
  return lookup(
    () => sysctlList(ns, path),
    (name) => {
      const full = `${path}/${name}`;
      const file = sysctlIsFile(ns, full);
      if (file === null) return null;
      if (!file) return sysctlFolder(ns, full);
      return knob(
        () => sysctlRead(ns, full),
        (value) => sysctlWrite(ns, full, value),
      );
    },
  );
}

const COUNTERS_HEAD =
  'Inter-|   Receive                                                |  Transmit\n' +
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n';

function devTable(ns: NetNs): string {
  let out = COUNTERS_HEAD;
  for (const dev of ns.devices()) {
    const s = readStats(dev);
    const frame = s.rxLengthErrors + s.rxOverErrors + s.rxCrcErrors + s.rxFrameErrors;
    const carrier = s.txCarrierErrors + s.txAbortedErrors + s.txWindowErrors + s.txHeartbeatErrors;
    const cells: Array<[number, number]> = [
      [s.rxBytes, 7],
      [s.rxPackets, 7],
      [s.rxErrors, 4],
      [s.rxDropped + s.rxMissedErrors, 4],
      [s.rxFifoErrors, 4],
      [frame, 5],
      [0, 10],
      [s.multicast, 9],
      [s.txBytes, 8],
      [s.txPackets, 7],
      [s.txErrors, 4],
      [s.txDropped, 4],
      [s.txFifoErrors, 4],
      [s.collisions, 5],
      [carrier, 7],
      [0, 10],
    ];
    out += `${dev.name.padStart(6)}:${cells.map(([v, w]) => ` ${String(v).padStart(w)}`).join('')}\n`;
  }
  return out;
}

const NUD_NOARP = 0x40;
const NUD_VALID_FOR_ARP = 0x02 | 0x80 | 0x40 | 0x10 | 0x04 | 0x08;

function arpTable(ns: NetNs): string {
  let out = 'IP address       HW type     Flags       HW address            Mask     Device\n';
  const line = (ip: number, type: number, flags: number, mac: string, mask: string, dev: string): string =>
    `${formatIp4(ip).padEnd(16)} ${`0x${type.toString(16)}`.padEnd(12)}${`0x${flags.toString(16)}`.padEnd(12)}${mac.padEnd(21)} ${mask.padEnd(8)} ${dev}\n`;
  for (const n of neighDump(NEIGH4, ns, false)) {
    if (n.dev === null || (n.state & ~NUD_NOARP) === 0) continue;
    const complete = (n.state & NUD_VALID_FOR_ARP) !== 0 && n.state !== 0x01;
    const flags = (n.state & 0x80) !== 0 ? 6 : complete ? 2 : 0;
    out += line(n.dst, n.dev.type, flags, formatMac(n.hasLladdr ? n.lladdr : 0), '*', n.dev.name);
  }
  for (const n of neighDump(NEIGH4, ns, true)) out += line(n.dst, 1, 0xc, '00:00:00:00:00:00', '*', n.dev?.name ?? '*');
  return out;
}

const hex32 = (v: number): string => {
  const le = ((v & 0xff) << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);
  return (le >>> 0).toString(16).toUpperCase().padStart(8, '0');
};

function routeTable(ns: NetNs): string {
  let out = `${'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'.padEnd(127)}\n`;
  for (const r of routeDump(ns, 254)) {
    if (r.type === 3 || r.type === 5) continue; // broadcast, multicast
    const reject = r.type === 7 || r.type === 8;
    const flags = (r.flags & 1 ? 0 : 1) | (r.gateway !== 0 ? 2 : 0) | (r.dstLen === 32 ? 4 : 0) | (reject ? 0x200 : 0);
    const mask = r.dstLen === 0 ? 0 : (0xffffffff << (32 - r.dstLen)) >>> 0;
    const metric = (number: number): number => r.metrics.find(([m]) => m === number)?.[1] ?? 0;
    const mtu = metric(4);
    const cells = [
      r.dev?.name ?? '*',
      hex32(r.dst),
      hex32(r.gateway),
      flags.toString(16).toUpperCase().padStart(4, '0'),
      0,
      0,
      r.priority,
      hex32(mask),
      metric(8) > 0 ? metric(8) + 40 : mtu,
      metric(3),
      metric(4) >> 3,
    ];
    out += `${cells.join('\t').padEnd(127)}\n`;
  }
  return out;
}

function mcastTable(ns: NetNs): string {
  let out = '';
  for (const dev of ns.devices()) {
    for (const e of dev.mc.entries.values()) {
      const mac = formatMac(e.mac).replaceAll(':', '');
      out += `${String(dev.ifindex).padEnd(4)} ${dev.name.padEnd(15)} ${String(e.refcount).padEnd(5)} ${String(e.global ? 1 : 0).padEnd(5)} ${mac}\n`;
    }
  }
  return out;
}

function igmpTable(ns: NetNs): string {
  let out = 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n';
  const groups = mcDump(ns);
  for (const dev of ns.registered()) {
    const own = groups.filter((g) => g.dev === dev);
    if (own.length === 0) continue;
    out += `${dev.ifindex}\t${dev.name.padEnd(10)}: ${String(own.length).padStart(5)}      V3\n`;
    for (const g of own) out += `\t\t\t\t${hex32(g.group)} ${String(g.users).padStart(5)} 0:00000000\t\t0\n`;
  }
  return out;
}
