// /sys/class/net/DEV/queues: one folder per txq and rxq, read and written as in Linux. Masks of CPUs have a bit for
// each of the kernel's (one, unless a lab says otherwise); receive packet steering is kept and has nobody to steer to.
// Linux: net/core/net-sysfs.c, rx_queue_default_attrs, netdev_queue_default_attrs, dql_attrs.

import type { ByteQueueLimits } from '../net/bql.ts';
import { PRIV_NO_QUEUE } from '../net/flags.ts';
import type { NetDevice, TxQueue } from '../net/netdev.ts';
import { txqToTc } from '../net/sb-channel.ts';
import { maySetXps, setXps, xpsOf } from '../net/steering.ts';
import { folder, knob, text, type VNode } from './vfs.ts';

const ENOENT = 2;
const EINVAL = 22;
const ERANGE = 34;
const EOVERFLOW = 75;
const EOPNOTSUPP = 95;
const DQL_MAX_LIMIT = 1879048192;

export function queuesFolder(dev: NetDevice): VNode {
  const map = new Map<string, VNode>();
  for (let i = 0; i < dev.realNumRxQueues; i++) map.set(`rx-${i}`, rxFolder(dev, i));
  for (let i = 0; i < dev.realNumTxQueues; i++) map.set(`tx-${i}`, txFolder(dev, dev.txq[i]));
  return folder(map);
}

/** What is written to files that nothing reads, by queue. */
class Kept {
  readonly rpsCpus = new Map<number, bigint>();
  readonly rpsFlows = new Map<number, number>();
  readonly xpsRxqs = new Map<number, bigint>();
  readonly stallThrs = new Map<number, number>();
}

function keptOf(dev: NetDevice): Kept {
  dev.queueFiles ??= new Kept();
  return dev.queueFiles as Kept;
}

function rxFolder(dev: NetDevice, i: number): VNode {
  const k = keptOf(dev);
  const { cpus } = dev.core.kernel;
  return folder({
    rps_cpus: knob(
      () => `${bitmap(k.rpsCpus.get(i) ?? 0n, cpus)}\n`,
      (value) => mask(value, cpus, (bits) => k.rpsCpus.set(i, bits)),
    ),
    rps_flow_cnt: knob(
      () => `${k.rpsFlows.get(i) ?? 0}\n`,
      (value) => number(value, 1 << 30, (n) => k.rpsFlows.set(i, n === 0 ? 0 : 2 ** Math.ceil(Math.log2(n)))),
    ),
  });
}

function txFolder(dev: NetDevice, txq: TxQueue): VNode {
  const k = keptOf(dev);
  const { cpus } = dev.core.kernel;
  const i = txq.index;
  const several = dev.txq.length > 1;
  const owner = (): NetDevice => txq.sbDev ?? dev;
  const files: Record<string, VNode> = {
    traffic_class: text(() => (several ? trafficClass(owner(), i) : -ENOENT)),
    tx_maxrate: knob(
      () => '0\n',
      (value) => (/^\d+\n?$/.test(value) ? -EOPNOTSUPP : -EINVAL),
    ),
    tx_timeout: text(() => `${txq.transTimeout}\n`),
    xps_cpus: knob(
      () => {
        if (!several) return -ENOENT;
        return txqToTc(owner(), i) < 0 ? -EINVAL : `${bitmap(BigInt(xpsOf(dev, i)), cpus)}\n`;
      },
      (value) => (several ? mask(value, cpus, (bits) => setXps(dev, i, Number(bits))) : -ENOENT),
    ),
    xps_rxqs: knob(
      () => (txqToTc(dev, i) < 0 ? -EINVAL : `${bitmap(k.xpsRxqs.get(i) ?? 0n, dev.numRxQueues)}\n`),
      (value) =>
        mask(value, dev.numRxQueues, (bits) => {
          const rc = maySetXps(dev, i);
          if (rc === 0) k.xpsRxqs.set(i, bits);
          return rc;
        }),
    ),
  };
  // Devices without a queue or a lock of their own do not count bytes.
  if (!dev.lltx && (dev.privFlags & PRIV_NO_QUEUE) === 0) files.byte_queue_limits = bqlFolder(txq);
  return folder(files);
}

/** The class, and for a queue that is lent the channel that it is lent to: `0-2`. */
function trafficClass(dev: NetDevice, txq: number): string | number {
  const tc = txqToTc(dev, txq);
  if (tc < 0) return -EINVAL;
  return dev.numTc < 0 ? `${tc}${dev.numTc}\n` : `${tc}\n`;
}

/** A driver's that does not count. */
const IDLE: ByteQueueLimits = { limit: 0, minLimit: 0, maxLimit: DQL_MAX_LIMIT, holdNs: 1e9, inflight: 0, avail: 0 };

/** A driver that does not use them has them all the same, at rest. */
function bqlFolder(txq: TxQueue): VNode {
  const bql = (): ByteQueueLimits => txq.bql ?? IDLE;
  const bytes = (key: 'limit' | 'minLimit' | 'maxLimit'): VNode =>
    knob(
      () => `${bql()[key]}\n`,
      (value) => {
        if (value.trim() === 'max') return set(txq, key, DQL_MAX_LIMIT);
        return number(value, 0xffffffff, (n) => (n > DQL_MAX_LIMIT ? -EINVAL : set(txq, key, n)));
      },
    );
  const { stallThrs } = keptOf(txq.dev);
  return folder({
    hold_time: knob(
      () => `${Math.round(bql().holdNs / 1e6)}\n`,
      (value) => number(value, 0xffffffff, (n) => set(txq, 'holdNs', n * 1e6)),
    ),
    inflight: text(() => `${bql().inflight}\n`),
    limit: bytes('limit'),
    limit_max: bytes('maxLimit'),
    limit_min: bytes('minLimit'),
    stall_cnt: text(() => '0\n'),
    stall_max: knob(
      () => '0\n',
      () => 0,
    ),
    stall_thrs: knob(
      () => `${stallThrs.get(txq.index) ?? 0}\n`,
      // A queue of the model never stalls for longer than its line needs: the threshold is kept, and never passed.
      (value) =>
        number(value, 0xffffffff, (n) => {
          if (n !== 0 && (n < 4 || n > 4 * 60 * 1000)) return -ERANGE;
          stallThrs.set(txq.index, n);
          return 0;
        }),
    ),
  });
}

function set(txq: TxQueue, key: 'limit' | 'minLimit' | 'maxLimit' | 'holdNs', value: number): number {
  if (txq.bql !== null) txq.bql[key] = value;
  return 0;
}

/** "%*pb": hex, 32 bits between commas. */
function bitmap(bits: bigint, width: number): string {
  const words: string[] = [];
  for (let at = 0; at < width; at += 32) {
    const n = Math.min(32, width - at);
    words.unshift(((bits >> BigInt(at)) & 0xffffffffn).toString(16).padStart(Math.ceil(n / 4), '0'));
  }
  return words.join(',');
}

/** bitmap_parse(); a number that `keep` gives is the answer. */
function mask(value: string, width: number, keep: (bits: bigint) => unknown): number {
  const words = value.trim().split(',');
  if (words.some((w) => !/^[0-9a-fA-F]+$/.test(w))) return -EINVAL;
  if (words.some((w) => w.length > 8)) return -EOVERFLOW;
  const bits = words.reduce((sum, w) => (sum << 32n) | BigInt(`0x${w}`), 0n);
  if (bits >> BigInt(width) !== 0n) return -EOVERFLOW;
  const rc = keep(bits);
  return typeof rc === 'number' ? rc : 0;
}

/** kstrtouint(): decimal, hex and octal do not mix here. */
function number(value: string, max: number, take: (n: number) => unknown): number {
  const t = value.endsWith('\n') ? value.slice(0, -1) : value;
  if (!/^\+?\d+$/.test(t)) return -EINVAL;
  const n = Number(t);
  if (n > max) return -ERANGE;
  const rc = take(n);
  return typeof rc === 'number' && rc < 0 ? rc : 0;
}
