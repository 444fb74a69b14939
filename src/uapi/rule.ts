// Routing rules: RTM_NEWRULE and its kin. Linux: include/uapi/linux/fib_rules.h; policies as in net/core/fib_rules.c.

import { attrs, bytes, ip, string, struct, structOf, u8, u16, u32 } from './attr.ts';

export const FIB_RULE_HDR = struct('fib_rule_hdr', {
  family: u8,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  table: u8,
  res1: u8,
  res2: u8,
  action: u8,
  flags: u32,
});
export type FibRuleHdr = NonNullable<typeof FIB_RULE_HDR.sample>;

// fib_rule_hdr.action
export const FR_ACT_UNSPEC = 0;
export const FR_ACT_TO_TBL = 1;
export const FR_ACT_GOTO = 2;
export const FR_ACT_NOP = 3;
export const FR_ACT_BLACKHOLE = 6;
export const FR_ACT_UNREACHABLE = 7;
export const FR_ACT_PROHIBIT = 8;

// fib_rule_hdr.flags
export const FIB_RULE_PERMANENT = 1;
export const FIB_RULE_INVERT = 2;
export const FIB_RULE_UNRESOLVED = 4;
export const FIB_RULE_IIF_DETACHED = 8;
export const FIB_RULE_OIF_DETACHED = 16;

export const FIB_RULE_UID_RANGE = struct('fib_rule_uid_range', { start: u32, end: u32 });
export const FIB_RULE_PORT_RANGE = struct('fib_rule_port_range', { start: u16, end: u16 });

export const FRA = attrs('FRA', {
  dst: [1, ip],
  src: [2, ip],
  iifname: [3, string, { max: 15 }],
  goto: [4, u32],
  priority: [6, u32],
  fwmark: [10, u32],
  flow: [11, u32],
  tunId: [12, bytes],
  suppressIfgroup: [13, u32],
  suppressPrefixlen: [14, u32],
  table: [15, u32],
  fwmask: [16, u32],
  oifname: [17, string, { max: 15 }],
  l3mdev: [19, u8],
  uidRange: [20, structOf(FIB_RULE_UID_RANGE)],
  protocol: [21, u8],
  ipProto: [22, u8],
  sportRange: [23, structOf(FIB_RULE_PORT_RANGE)],
  dportRange: [24, structOf(FIB_RULE_PORT_RANGE)],
});
export type RuleAttrs = NonNullable<typeof FRA.sample>;
