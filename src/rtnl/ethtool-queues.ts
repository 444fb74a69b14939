// ETHTOOL_MSG_RINGS, CHANNELS and PRIVFLAGS: sizes and numbers of queues, and switches that one driver has.
// Linux: net/ethtool/rings.c, channels.c, privflags.c.

import type { Channels, Rings } from '../net/ethtool.ts';
import { Refusal } from '../net/linkops.ts';
import { NlError } from '../netlink/error.ts';
import {
  ETHTOOL_A_PRIVFLAGS,
  ETHTOOL_A_RINGS,
  ETHTOOL_MSG_PRIVFLAGS_GET_REPLY,
  ETHTOOL_MSG_RINGS_GET_REPLY,
} from '../uapi/ethtool.ts';
import { parseBitset, putBitset } from './ethtool-bitset.ts';
import { ethDevice, getter } from './ethtool-header.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const RINGS_RX = 6;
const RINGS_TX = 9;
const CHANNELS_RX = 6;
const CHANNELS_TX = 7;
const CHANNELS_OTHER = 8;
const CHANNELS_COMBINED = 9;
const PRIVFLAGS_FLAGS = 2;

export const getRings = getter(ETHTOOL_A_RINGS, ETHTOOL_MSG_RINGS_GET_REPLY, (dev) => {
  const r = dev.ethtool?.rings?.(dev) ?? null;
  if (r === null) return null;
  return {
    ...(r.rxMax > 0 ? { rxMax: r.rxMax, rx: r.rx } : {}),
    ...(r.txMax > 0 ? { txMax: r.txMax, tx: r.tx } : {}),
  };
});

export function setRings(req: Request, tb: Tb): void {
  const { dev } = ethDevice(req, tb);
  const ops = dev.ethtool;
  if (ops?.rings === undefined || ops.setRings === undefined) throw new NlError('EOPNOTSUPP');
  const now = ops.rings(dev);
  const want: Rings = { ...now, rx: pick(tb, RINGS_RX, now.rx), tx: pick(tb, RINGS_TX, now.tx) };
  if (want.rx === now.rx && want.tx === now.tx) return;
  if (want.rx > now.rxMax) throw req.badAttr('EINVAL', 'requested ring size exceeds maximum', tb, RINGS_RX);
  if (want.tx > now.txMax) throw req.badAttr('EINVAL', 'requested ring size exceeds maximum', tb, RINGS_TX);
  check(ops.setRings(dev, want));
}

export function setChannels(req: Request, tb: Tb): void {
  const { dev } = ethDevice(req, tb);
  const ops = dev.ethtool;
  if (ops?.channels === undefined || ops.setChannels === undefined) throw new NlError('EOPNOTSUPP');
  const now = ops.channels(dev);
  const want: Channels = {
    ...now,
    rxCount: pick(tb, CHANNELS_RX, now.rxCount),
    txCount: pick(tb, CHANNELS_TX, now.txCount),
    otherCount: pick(tb, CHANNELS_OTHER, now.otherCount),
    combinedCount: pick(tb, CHANNELS_COMBINED, now.combinedCount),
  };
  const same = want.rxCount === now.rxCount && want.txCount === now.txCount && want.otherCount === now.otherCount;
  if (same && want.combinedCount === now.combinedCount) return;
  const limits: ReadonlyArray<readonly [number, number, number]> = [
    [CHANNELS_RX, want.rxCount, now.rxMax],
    [CHANNELS_TX, want.txCount, now.txMax],
    [CHANNELS_OTHER, want.otherCount, now.otherMax],
    [CHANNELS_COMBINED, want.combinedCount, now.combinedMax],
  ];
  for (const [type, count, max] of limits) {
    if (tb.has(type) && count > max) throw req.badAttr('EINVAL', 'requested channel count exceeds maximum', tb, type);
  }
  if (want.combinedCount === 0 && (want.rxCount === 0 || want.txCount === 0)) {
    const type =
      want.rxCount === 0 && tb.has(CHANNELS_RX) ? CHANNELS_RX : tb.has(CHANNELS_TX) ? CHANNELS_TX : CHANNELS_COMBINED;
    throw req.badAttr(
      'EINVAL',
      'requested channel counts would result in no RX or TX channel being configured',
      tb,
      type,
    );
  }
  check(ops.setChannels(dev, want));
}

export const getPrivFlags = getter(ETHTOOL_A_PRIVFLAGS, ETHTOOL_MSG_PRIVFLAGS_GET_REPLY, (dev, compact) => {
  const flags = dev.ethtool?.privFlags?.(dev) ?? null;
  if (flags === null) return null;
  const value = flags.reduce((set, [, on], bit) => (on ? set | (1n << BigInt(bit)) : set), 0n);
  const all = (1n << BigInt(flags.length)) - 1n;
  return {
    flags: putBitset(
      value,
      all,
      flags.map(([name]) => name),
      flags.length,
      compact,
    ),
  };
});

export function setPrivFlags(req: Request, tb: Tb): void {
  const { dev } = ethDevice(req, tb);
  const ops = dev.ethtool;
  if (!tb.has(PRIVFLAGS_FLAGS)) throw new NlError('EINVAL');
  if (ops?.privFlags === undefined || ops.setPrivFlag === undefined) throw new NlError('EOPNOTSUPP');
  const flags = ops.privFlags(dev);
  const asked = parseBitset(
    req,
    tb,
    PRIVFLAGS_FLAGS,
    flags.map(([name]) => name),
    flags.length,
  );
  for (let bit = 0; bit < flags.length; bit++) {
    const one = 1n << BigInt(bit);
    const [name, now] = flags[bit];
    const want = (asked.value & one) !== 0n;
    if ((asked.mask & one) !== 0n && want !== now) check(ops.setPrivFlag(dev, name, want));
  }
}

function pick(tb: Tb, type: number, now: number): number {
  return tb.has(type) ? tb.u32(type) : now;
}

function check(err: number): void {
  if (err < 0) throw new Refusal(-err);
}
