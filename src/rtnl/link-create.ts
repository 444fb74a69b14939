// Makes the device of a create request, not registered yet: queue counts, limits and whatever is set without asking the
// driver. Linux: rtnl_create_link(), validate_linkmsg(), dev_validate_mtu().

import { ADDR_SET } from '../net/flags.ts';
import type { LinkOps } from '../net/linkops.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { NlError } from '../netlink/error.ts';
import { AF_INET, AF_INET6 } from '../uapi/link.ts';
import { A } from './link-attrs.ts';
import { validateInet6 } from './link6.ts';
import { Tb } from './tb.ts';

const MAX_QUEUES = 4096;
const GSO_MAX_SEGS = 65535;
const GRO_MAX_SIZE = 8 * 65535;
/** What a legacy packet may be long; larger sizes are for IPv6 only (BIG TCP). */
const GSO_LEGACY_MAX_SIZE = 65536;

export function createLink(ns: NetNs, name: string, ops: LinkOps, tb: Tb): NetDevice {
  const tx = tb.has(A.NUM_TX_QUEUES) ? tb.u32(A.NUM_TX_QUEUES) : (ops.txQueues ?? 1);
  const rx = tb.has(A.NUM_RX_QUEUES) ? tb.u32(A.NUM_RX_QUEUES) : (ops.rxQueues ?? 1);
  if (tx < 1 || tx > MAX_QUEUES) throw new NlError('EINVAL', 'Invalid number of transmit queues');
  if (rx < 1 || rx > MAX_QUEUES) throw new NlError('EINVAL', 'Invalid number of receive queues');
  const dev = ns.kernel.dev.alloc(ns, name, ops, tx, rx);
  validateLink(dev, tb);
  if (tb.has(A.MTU)) {
    const mtu = tb.u32(A.MTU);
    if (mtu > 0x7fffffff || mtu < dev.minMtu) throw new NlError('EINVAL', 'mtu less than device minimum');
    if (dev.maxMtu > 0 && mtu > dev.maxMtu) throw new NlError('EINVAL', 'mtu greater than device maximum');
    dev.mtu = mtu;
  }
  if (tb.has(A.ADDRESS)) {
    dev.addr = tb.mac(A.ADDRESS);
    dev.addrAssignType = ADDR_SET;
  }
  if (tb.has(A.BROADCAST)) dev.broadcast = tb.mac(A.BROADCAST);
  if (tb.has(A.TXQLEN)) dev.txQueueLen = tb.u32(A.TXQLEN);
  if (tb.has(A.LINKMODE)) dev.linkMode = tb.u8(A.LINKMODE);
  if (tb.has(A.GROUP)) dev.group = tb.u32(A.GROUP);
  setSegmentLimits(dev, tb);
  return dev;
}

/** Sizes of segmentation and reassembly; true when one of them changed. */
export function setSegmentLimits(dev: NetDevice, tb: Tb): boolean {
  let changed = false;
  const set = (
    type: number,
    field: 'gsoMaxSize' | 'gsoMaxSegs' | 'groMaxSize' | 'gsoIpv4MaxSize' | 'groIpv4MaxSize',
  ) => {
    if (!tb.has(type)) return false;
    const value = tb.u32(type);
    if (dev[field] === value) return false;
    dev[field] = value;
    changed = true;
    return true;
  };
  if (set(A.GSO_MAX_SIZE, 'gsoMaxSize') && dev.gsoMaxSize <= GSO_LEGACY_MAX_SIZE) dev.gsoIpv4MaxSize = dev.gsoMaxSize;
  set(A.GSO_MAX_SEGS, 'gsoMaxSegs');
  if (set(A.GRO_MAX_SIZE, 'groMaxSize') && dev.groMaxSize <= GSO_LEGACY_MAX_SIZE) dev.groIpv4MaxSize = dev.groMaxSize;
  set(A.GSO_IPV4_MAX_SIZE, 'gsoIpv4MaxSize');
  set(A.GRO_IPV4_MAX_SIZE, 'groIpv4MaxSize');
  return changed;
}

/** What no device of this kind could take. Linux: validate_linkmsg(). */
export function validateLink(dev: NetDevice, tb: Tb): void {
  if (tb.has(A.ADDRESS) && tb.len(A.ADDRESS) < dev.addrLen) throw new NlError('EINVAL');
  if (tb.has(A.BROADCAST) && tb.len(A.BROADCAST) < dev.addrLen) throw new NlError('EINVAL');
  atMost(tb, A.GSO_MAX_SIZE, dev.tsoMaxSize, 'too big gso_max_size');
  atMost(tb, A.GSO_MAX_SEGS, Math.min(GSO_MAX_SEGS, dev.tsoMaxSegs), 'too big gso_max_segs');
  atMost(tb, A.GRO_MAX_SIZE, GRO_MAX_SIZE, 'too big gro_max_size');
  atMost(tb, A.GSO_IPV4_MAX_SIZE, dev.tsoMaxSize, 'too big gso_ipv4_max_size');
  atMost(tb, A.GRO_IPV4_MAX_SIZE, GRO_MAX_SIZE, 'too big gro_ipv4_max_size');
  if (!tb.has(A.AF_SPEC)) return;
  tb.each(A.AF_SPEC, (family, from, to) => {
    if (family === AF_INET6) return validateInet6(dev, new Tb(tb.src, from, to));
    if (family !== AF_INET) throw new NlError('EAFNOSUPPORT');
    throw new NlError('EOPNOTSUPP', 'The model does not set IFLA_INET_CONF; write net.ipv4.conf instead');
  });
}

function atMost(tb: Tb, type: number, limit: number, words: string): void {
  if (tb.has(type) && tb.u32(type) > limit) throw new NlError('EINVAL', words);
}
