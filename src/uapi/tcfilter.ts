// Filters and actions of tc: what is in TCA_OPTIONS of a filter and in an action. Linux: include/uapi/linux/pkt_cls.h,
// tc_act/tc_gact.h, tc_mirred.h, tc_skbedit.h.

import { attrs, bytes, nestedNoflag, s32, string, struct, structOf, u16, u32, u64 } from './attr.ts';
import { TCA_STATS2 } from './qdisc.ts';

/** Actions by their place: up to 32, each a nest of its own (TCA_ACT). */
export const TCA_ACT_MAX = 32;
/** TCA_CLS_FLAGS_NOT_IN_HW. */
export const NOT_IN_HW = 8;

/** struct tc_gact; the others begin like it. */
const gen = { index: u32, capab: u32, action: s32, refcnt: s32, bindcnt: s32 };
export const TC_GEN = struct('tc_gen', gen);
export const TC_MIRRED = struct('tc_mirred', { ...gen, eaction: s32, ifindex: u32 });
/** In hundredths of a second. */
export const TCF_T = struct('tcf_t', { install: u64, lastuse: u64, expires: u64, firstuse: u64 });

export const TCA_GACT = attrs('TCA_GACT', {
  tm: [1, structOf(TCF_T)],
  parms: [2, structOf(TC_GEN)],
  prob: [3, bytes],
});
export const TCA_MIRRED = attrs('TCA_MIRRED', {
  tm: [1, structOf(TCF_T)],
  parms: [2, structOf(TC_MIRRED)],
});
export const TCA_SKBEDIT = attrs('TCA_SKBEDIT', {
  tm: [1, structOf(TCF_T)],
  parms: [2, structOf(TC_GEN)],
  priority: [3, u32],
  queueMapping: [4, u16],
  mark: [5, u32],
  pad: [6, bytes],
  ptype: [7, u16],
  mask: [8, u32],
  flags: [9, u64],
  queueMappingMax: [10, u16],
});

/** One action. Which table its options have follows from its kind. */
export const TCA_ACTION = attrs('TCA_ACT', {
  kind: [1, string],
  options: [2, bytes],
  index: [3, u32],
  stats: [4, nestedNoflag(TCA_STATS2)],
  pad: [5, bytes],
  cookie: [6, bytes],
  flags: [7, bytes],
  hwStats: [8, bytes],
  usedHwStats: [9, bytes],
  inHwCount: [10, u32],
});

export const TCA_MATCHALL = attrs('TCA_MATCHALL', {
  classid: [1, u32],
  act: [2, bytes],
  flags: [3, u32],
  pcnt: [4, bytes],
});

export const TCA_U32 = attrs('TCA_U32', {
  classid: [1, u32],
  hash: [2, u32],
  link: [3, u32],
  divisor: [4, u32],
  sel: [5, bytes],
  police: [6, bytes],
  act: [7, bytes],
  indev: [8, bytes],
  pcnt: [9, bytes],
  mark: [10, bytes],
  flags: [11, u32],
});
/** struct tc_u32_sel without its keys, and one key: mask, value (network order), offset, offset mask. */
export const U32_SEL_SIZE = 16;
export const U32_KEY_SIZE = 16;
export const U32_TERMINAL = 1;
