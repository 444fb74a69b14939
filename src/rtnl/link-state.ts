// Operational state and protodown as user space sets them. Linux: set_operstate(), do_set_proto_down().

import type { NetDevice } from '../net/netdev.ts';
import { NlError } from '../netlink/error.ts';
import { IFLA_PROTO_DOWN_REASON } from '../uapi/ifla.ts';
import { IF_OPER_DORMANT, IF_OPER_TESTING, IF_OPER_UNKNOWN, IF_OPER_UP } from '../uapi/link.ts';
import { A } from './link-attrs.ts';
import type { Tb } from './tb.ts';

/** User space may end a wait (dormant, testing) or begin one; it cannot take a device down by this. */
export function setOperState(dev: NetDevice, wanted: number): void {
  const now = dev.operState;
  const up = now === IF_OPER_UP || now === IF_OPER_UNKNOWN;
  let state = now;
  if (wanted === IF_OPER_UP) {
    const waits = now === IF_OPER_DORMANT || now === IF_OPER_TESTING || now === IF_OPER_UNKNOWN;
    if (waits && !dev.dormant && !dev.testing) state = IF_OPER_UP;
  } else if ((wanted === IF_OPER_TESTING || wanted === IF_OPER_DORMANT) && up) {
    state = wanted;
  }
  if (state === now) return;
  dev.operState = state;
  dev.core.stateChange(dev);
}

const MASK = IFLA_PROTO_DOWN_REASON.lines[0].type;
const VALUE = IFLA_PROTO_DOWN_REASON.lines[1].type;

export function setProtoDown(dev: NetDevice, tb: Tb): void {
  if (!dev.changeProtoDown) throw new NlError('EOPNOTSUPP', 'Protodown not supported by device');
  if (tb.has(A.PROTO_DOWN_REASON)) setReason(dev, tb.nest(A.PROTO_DOWN_REASON));
  if (!tb.has(A.PROTO_DOWN)) return;
  const down = tb.u8(A.PROTO_DOWN) !== 0;
  if (!down && dev.protoDownReason !== 0) throw new NlError('EBUSY', 'Cannot clear protodown, active reasons');
  const watch = dev.core.kernel.linkWatch;
  if (down) watch.carrierOff(dev);
  else watch.carrierOn(dev);
  dev.protoDown = down;
}

function setReason(dev: NetDevice, reason: Tb): void {
  if (!reason.has(VALUE)) throw new NlError('EINVAL', 'Invalid protodown reason value');
  const value = reason.u32(VALUE);
  const mask = reason.u32(MASK);
  dev.protoDownReason = (mask === 0 ? value : (dev.protoDownReason & ~mask) | (value & mask)) >>> 0;
}
