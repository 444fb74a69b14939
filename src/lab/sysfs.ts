// /sys/class/net as a namespace sees it: the files that scripts look at, with the kernel's text.
// Linux: net/core/net-sysfs.c, net/bridge/br_sysfs_if.c. Read-only but for the few attributes that scripts set.

import { linkSettings } from '../net/ethtool.ts';
import { Refusal } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { readStats } from '../net/stats.ts';
import { formatMac } from '../uapi/format.ts';
import { bondingSlaveFolder, bondingSysFolder } from './sysfs-bond.ts';
import { queuesFolder } from './sysfs-queues.ts';
import { folder, knob, lookup, text, type VDir, type VNode } from './vfs.ts';

const EINVAL = 22;
const ERANGE = 34;
const EOPNOTSUPP = 95;
const OPER = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'];
const STAT_FILES: ReadonlyArray<[string, keyof ReturnType<typeof readStats> | null]> = [
  ['collisions', 'collisions'],
  ['multicast', 'multicast'],
  ['rx_bytes', 'rxBytes'],
  ['rx_compressed', null],
  ['rx_crc_errors', 'rxCrcErrors'],
  ['rx_dropped', 'rxDropped'],
  ['rx_errors', 'rxErrors'],
  ['rx_fifo_errors', 'rxFifoErrors'],
  ['rx_frame_errors', 'rxFrameErrors'],
  ['rx_length_errors', 'rxLengthErrors'],
  ['rx_missed_errors', 'rxMissedErrors'],
  ['rx_nohandler', 'rxNohandler'],
  ['rx_over_errors', 'rxOverErrors'],
  ['rx_packets', 'rxPackets'],
  ['tx_aborted_errors', 'txAbortedErrors'],
  ['tx_bytes', 'txBytes'],
  ['tx_carrier_errors', 'txCarrierErrors'],
  ['tx_compressed', null],
  ['tx_dropped', 'txDropped'],
  ['tx_errors', 'txErrors'],
  ['tx_fifo_errors', 'txFifoErrors'],
  ['tx_heartbeat_errors', 'txHeartbeatErrors'],
  ['tx_packets', 'txPackets'],
  ['tx_window_errors', 'txWindowErrors'],
];

/** The tree under /sys. */
export function sysTree(ns: NetNs): VNode {
  const net = lookup(
    () =>
      ns
        .devices()
        .map((d) => d.name)
        .sort(byText),
    (name) => {
      const dev = ns.byName.get(name);
      return dev === undefined || dev.name !== name ? null : deviceFolder(dev);
    },
  );
  return folder({ class: folder({ net }), devices: folder({ virtual: folder({ net }) }) });
}

/** Linux: speed_show(), duplex_show(). */
function speedOf(dev: NetDevice): string | number {
  const link = dev.running ? linkSettings(dev) : null;
  return link === null ? -EINVAL : `${link.speed === 0 ? -1 : link.speed}\n`;
}

function duplexOf(dev: NetDevice): string | number {
  const link = dev.running ? linkSettings(dev) : null;
  if (link === null) return -EINVAL;
  return `${['half', 'full'][link.duplex ?? (link.speed === 0 ? 255 : 1)] ?? 'unknown'}\n`;
}

function deviceFolder(dev: NetDevice): VNode {
  const line = (f: () => string | number): VNode => text(() => `${f()}\n`);
  const whenUp = (f: () => string | number): VNode => text(() => (dev.running ? `${f()}\n` : -EINVAL));
  const files = new Map<string, VNode>([
    ['addr_assign_type', line(() => dev.addrAssignType)],
    ['addr_len', line(() => dev.addrLen)],
    ['address', line(() => formatMac(dev.addr))],
    ['broadcast', line(() => formatMac(dev.broadcast))],
    [
      'carrier',
      knob(
        () => (dev.running ? `${syncedCarrier(dev)}\n` : -EINVAL),
        () => -EOPNOTSUPP, // no device of the model has ndo_change_carrier
      ),
    ],
    ['carrier_changes', line(() => dev.carrierUpCount + dev.carrierDownCount)],
    ['carrier_down_count', line(() => dev.carrierDownCount)],
    ['carrier_up_count', line(() => dev.carrierUpCount)],
    ['dev_id', line(() => '0x0')],
    ['dev_port', line(() => 0)],
    ['dormant', whenUp(() => (dev.dormant ? 1 : 0))],
    ['duplex', text(() => duplexOf(dev))],
    [
      'flags',
      knob(
        () => `0x${((dev.flags & ~0x30040) >>> 0).toString(16)}\n`,
        (v) => setNumber(v, (n) => dev.core.changeFlags(dev, n >>> 0)),
      ),
    ],
    [
      'ifalias',
      knob(
        () => (dev.alias === '' ? '' : `${dev.alias}\n`),
        (v) => setAlias(dev, v),
      ),
    ],
    ['ifindex', line(() => dev.ifindex)],
    ['iflink', line(() => dev.iflink)],
    ['link_mode', line(() => dev.linkMode)],
    [
      'mtu',
      knob(
        () => `${dev.mtu}\n`,
        (v) => setNumber(v, (n) => dev.core.setMtu(dev, n | 0)),
      ),
    ],
    ['name_assign_type', line(() => (dev.linkOps?.newlink === undefined ? 2 : 3))],
    [
      'netdev_group',
      knob(
        () => `${dev.group}\n`,
        (v) => setNumber(v, (n) => setGroup(dev, n)),
      ),
    ],
    ['operstate', line(() => OPER[dev.core.userOperState(dev)])],
    [
      'proto_down',
      knob(
        () => `${dev.protoDown ? 1 : 0}\n`,
        (v) => setNumber(v, (n) => setProtoDown(dev, n !== 0)),
      ),
    ],
    ['queues', queuesFolder(dev)],
    ['speed', text(() => speedOf(dev))],
    [
      'statistics',
      folder(new Map(STAT_FILES.map(([name, key]) => [name, line(() => (key === null ? 0 : readStats(dev)[key]))]))),
    ],
    ['testing', whenUp(() => (dev.testing ? 1 : 0))],
    [
      'tx_queue_len',
      knob(
        () => `${dev.txQueueLen}\n`,
        (v) => setNumber(v, (n) => setTxQueueLen(dev, n)),
      ),
    ],
    ['type', line(() => dev.type)],
    [
      'uevent',
      text(
        () =>
          `${dev.linkOps?.kind === 'bridge' ? 'DEVTYPE=bridge\n' : ''}INTERFACE=${dev.name}\nIFINDEX=${dev.ifindex}\n`,
      ),
    ],
  ]);
  for (const upper of dev.uppers) if (upper.ns === dev.ns) files.set(`upper_${upper.name}`, folderOf(upper));
  for (const lower of dev.lowers) if (lower.ns === dev.ns) files.set(`lower_${lower.name}`, folderOf(lower));
  if (dev.master !== null) files.set('master', folderOf(dev.master));
  if (dev.linkOps?.kind === 'bond') files.set('bonding', bondingSysFolder(dev));
  const slave = bondingSlaveFolder(dev);
  if (slave !== null) files.set('bonding_slave', slave);
  if (dev.linkOps?.kind === 'bridge') {
    files.set('bridge', folder({}));
    files.set('brif', folder(new Map(dev.lowers.map((p) => [p.name, folder({})]))));
  }
  return folder(files);
}

/** Another device's folder, made when somebody looks into it: they lead to each other. */
function folderOf(dev: NetDevice): VNode {
  const there = (): VDir => (deviceFolder(dev) as { dir: VDir }).dir;
  return lookup(
    () => there().list(),
    (name) => there().entry(name),
  );
}

/** Reading the carrier waits for the link watch. Linux: carrier_show(). */
function syncedCarrier(dev: NetDevice): number {
  dev.core.kernel.linkWatch.sync(dev);
  return dev.carrier ? 1 : 0;
}

/** Linux: netdev_store(), kstrtoul() in base 0. */
function setNumber(value: string, set: (n: number) => number): number {
  const t = value.replace(/\n$/, '');
  if (!/^\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.test(t)) return -EINVAL;
  const n = /^\+?0[0-7]+$/.test(t) ? Number.parseInt(t, 8) : Number(t);
  if (n >= 2 ** 64) return -ERANGE;
  try {
    return set(n);
  } catch (e) {
    if (e instanceof Refusal) return -e.errno;
    throw e;
  }
}

function setAlias(dev: NetDevice, value: string): number {
  dev.alias = value.replace(/\n$/, '');
  dev.core.kernel.hooks.linkChanged(dev, 0);
  return 0;
}

function setGroup(dev: NetDevice, n: number): number {
  dev.group = n | 0;
  return 0;
}

/** Linux: proto_down_store(), dev_change_proto_down(). */
function setProtoDown(dev: NetDevice, down: boolean): number {
  if (!dev.changeProtoDown) return -EOPNOTSUPP;
  const watch = dev.core.kernel.linkWatch;
  if (down) watch.carrierOff(dev);
  else watch.carrierOn(dev);
  dev.protoDown = down;
  return 0;
}

function setTxQueueLen(dev: NetDevice, n: number): number {
  if (n > 0xffffffff) return -ERANGE;
  dev.txQueueLen = n;
  dev.core.kernel.hooks.linkChanged(dev, 0);
  return 0;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
