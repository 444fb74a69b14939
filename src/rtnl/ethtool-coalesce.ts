// ETHTOOL_MSG_COALESCE: interrupt moderation, as far as a driver has it. Linux: net/ethtool/coalesce.c.

import type { Coalesce } from '../net/ethtool.ts';
import { Refusal } from '../net/linkops.ts';
import { codecOf } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { ETHTOOL_A_COALESCE, ETHTOOL_MSG_COALESCE_GET_REPLY } from '../uapi/ethtool.ts';
import { ethDevice, getter } from './ethtool-header.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const HEADER = 1;

export const getCoalesce = getter(ETHTOOL_A_COALESCE, ETHTOOL_MSG_COALESCE_GET_REPLY, (dev) => {
  const now = dev.ethtool?.coalesce?.(dev) ?? null;
  if (now === null) return null;
  const { rxUsecs, rxMaxFrames, txUsecs, txMaxFrames, useAdaptiveRx, useAdaptiveTx } = now;
  const all = { rxUsecs, rxMaxFrames, txUsecs, txMaxFrames, useAdaptiveRx, useAdaptiveTx };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
});

export function setCoalesce(req: Request, tb: Tb): void {
  const { dev } = ethDevice(req, tb);
  const ops = dev.ethtool;
  if (ops?.coalesce === undefined || ops.setCoalesce === undefined) throw new NlError('EOPNOTSUPP');
  const now = ops.coalesce(dev) as Record<string, number | undefined>;
  const want: Record<string, number | undefined> = { ...now };
  const { byType } = codecOf(ETHTOOL_A_COALESCE);
  for (const type of [...tb.types].sort((a, b) => a - b)) {
    const line = byType[type];
    if (type === HEADER || line === undefined) continue;
    if (now[line.key] === undefined) {
      throw req.badAttr('EINVAL', 'cannot modify an unsupported parameter', tb, type);
    }
    want[line.key] = line.kind.size === 1 ? tb.u8(type) : tb.u32(type);
  }
  if (Object.keys(want).every((key) => want[key] === now[key])) return;
  const err = ops.setCoalesce(dev, want as Coalesce);
  if (err < 0) throw new Refusal(-err);
}
