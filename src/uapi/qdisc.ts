// Queueing disciplines: RTM_NEWQDISC and its kin; handles, statistics. Linux: include/uapi/linux/rtnetlink.h, pkt_sched.h,
// gen_stats.h. Options belong to each qdisc and are read by its kind; those of a kind without a table stay bytes.

import {
  attrs,
  byKind,
  bytes,
  type Kind,
  nestedNoflag,
  pad,
  rawField,
  s32,
  string,
  struct,
  structOf,
  u8,
  u16,
  u32,
  u64,
} from './attr.ts';

export const TCMSG = struct('tcmsg', { family: u8, pad: pad(3), ifindex: s32, handle: u32, parent: u32, info: u32 });
export type TcMsg = NonNullable<typeof TCMSG.sample>;

export const TC_H_UNSPEC = 0;
export const TC_H_ROOT = 0xffffffff;
export const TC_H_INGRESS = 0xfffffff1;
export const TC_H_CLSACT = TC_H_INGRESS;

/** major:minor as one number: handles are printed in hex, "8001:" or "1:a". */
export function tcHandle(major: number, minor: number): number {
  return major * 0x1_0000 + minor;
}

export const TCA_STATS_BASIC = struct('gnet_stats_basic', { bytes: u64, packets: u32, pad: pad(4) });
export const TCA_STATS_QUEUE = struct('gnet_stats_queue', {
  qlen: u32,
  backlog: u32,
  drops: u32,
  requeues: u32,
  overlimits: u32,
});
export const TCA_STATS_RATE_EST = struct('gnet_stats_rate_est', { bps: u32, pps: u32 });
export const TC_STATS = struct('tc_stats', {
  bytes: u64,
  packets: u32,
  drops: u32,
  overlimits: u32,
  bps: u32,
  pps: u32,
  qlen: u32,
  backlog: u32,
  pad: pad(4),
});

/** TCA_STATS2. `app` is the qdisc's own (fq_codel's counters, for one). */
export const TCA_STATS2 = attrs('TCA_STATS', {
  basic: [1, structOf(TCA_STATS_BASIC)],
  rateEst: [2, structOf(TCA_STATS_RATE_EST)],
  queue: [3, structOf(TCA_STATS_QUEUE)],
  app: [4, bytes],
  rateEst64: [5, bytes],
  pad: [6, bytes],
  basicHw: [7, structOf(TCA_STATS_BASIC)],
  pkt64: [8, u64],
});

export const TCA_FQ_CODEL = attrs('TCA_FQ_CODEL', {
  target: [1, u32],
  limit: [2, u32],
  interval: [3, u32],
  ecn: [4, u32],
  flows: [5, u32],
  quantum: [6, u32],
  ceThreshold: [7, u32],
  dropBatchSize: [8, u32],
  memoryLimit: [9, u32],
  ceThresholdSelector: [10, u8],
  ceThresholdMask: [11, u8],
});

export const TC_FIFO_QOPT = struct('tc_fifo_qopt', { limit: u32 });
export const TC_PRIO_QOPT = struct('tc_prio_qopt', { bands: s32, priomap: rawField(16) });

/** struct tc_ratespec. */
export interface TcRateSpec {
  readonly cellLog: number;
  readonly linklayer: number;
  readonly overhead: number;
  readonly cellAlign: number;
  readonly mpu: number;
  /** Bytes per second; more than 32 bits come in an attribute of their own. */
  readonly rate: number;
}

/** struct tc_tbf_qopt: two rates, then numbers. buffer and mtu are in ticks of 64 ns. */
export const TC_TBF_QOPT = struct('tc_tbf_qopt', {
  cellLog: u8,
  linklayer: u8,
  overhead: u16,
  cellAlign: u16,
  mpu: u16,
  rate: u32,
  peakCellLog: u8,
  peakLinklayer: u8,
  peakOverhead: u16,
  peakCellAlign: u16,
  peakMpu: u16,
  peakRate: u32,
  limit: u32,
  buffer: u32,
  mtu: u32,
});

export const TCA_TBF = attrs('TCA_TBF', {
  parms: [1, structOf(TC_TBF_QOPT)],
  rtab: [2, bytes],
  ptab: [3, bytes],
  rate64: [4, u64],
  prate64: [5, u64],
  burst: [6, u32],
  pburst: [7, u32],
  pad: [8, bytes],
});

/** TCA_OPTIONS by kind. mq and noqueue have none; options of other kinds stay unknown bytes. */
export const QDISC_OPTIONS: ReadonlyMap<string, Kind<unknown>> = new Map<string, Kind<unknown>>([
  ['fq_codel', nestedNoflag(TCA_FQ_CODEL)],
  ['pfifo', structOf(TC_FIFO_QOPT)],
  ['bfifo', structOf(TC_FIFO_QOPT)],
  ['pfifo_fast', structOf(TC_PRIO_QOPT)],
  ['prio', structOf(TC_PRIO_QOPT)],
  ['tbf', nestedNoflag(TCA_TBF)],
]);

type Of<T extends { readonly sample?: unknown }> = NonNullable<T['sample']>;

/** Options of any kind: which fields there are follows from the kind beside it. */
export type QdiscOptions = Of<typeof TCA_FQ_CODEL> &
  Of<typeof TCA_TBF> &
  Partial<Of<typeof TC_FIFO_QOPT> & Of<typeof TC_PRIO_QOPT>>;

export const TCA = attrs('TCA', {
  kind: [1, string, { max: 15 }],
  options: [2, byKind<QdiscOptions>('kind', QDISC_OPTIONS)],
  stats: [3, structOf(TC_STATS)],
  xstats: [4, bytes],
  rate: [5, bytes],
  fcnt: [6, u32],
  stats2: [7, nestedNoflag(TCA_STATS2)],
  stab: [8, bytes],
  pad: [9, bytes],
  dumpInvisible: [10, bytes],
  chain: [11, u32],
  hwOffload: [12, u8],
  ingressBlock: [13, u32],
  egressBlock: [14, u32],
  dumpFlags: [15, bytes],
  extWarnMsg: [16, string],
});
export type QdiscAttrs = NonNullable<typeof TCA.sample>;
