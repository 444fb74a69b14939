// fq_codel's options: read with the kernel's bounds, and shown. Linux: net/sched/sch_fq_codel.c, fq_codel_change(), fq_codel_dump().

import { Refusal } from '../net/linkops.ts';
import { encode } from '../netlink/attrs.ts';
import { TCA_FQ_CODEL } from '../uapi/qdisc.ts';
import { CODEL_DISABLED, timeToUs, usToTime } from './codel.ts';
import type { FqCodel } from './fq-codel.ts';
import { readOptions } from './options.ts';

const EINVAL = 22;
const QUANTUM_MAX = 1 << 20;
const FLOWS_MAX = 65536;

/** `making`: the number of flows can be given only then. */
export function changeFqCodel(fq: FqCodel, options: Uint8Array, making: boolean): void {
  const o = readOptions(TCA_FQ_CODEL, options);
  if (o.flows !== undefined) {
    if (!making || o.flows === 0 || o.flows > FLOWS_MAX) throw new Refusal(EINVAL);
    fq.flowsCount = o.flows;
  }
  if (o.quantum !== undefined) {
    if (o.quantum > QUANTUM_MAX) throw new Refusal(EINVAL, 'Invalid quantum');
    fq.quantum = Math.max(256, o.quantum);
  }
  const p = fq.params;
  if (o.target !== undefined) p.target = usToTime(o.target);
  if (o.ceThreshold !== undefined) p.ceThreshold = usToTime(o.ceThreshold);
  if (o.ceThresholdSelector !== undefined) p.ceThresholdSelector = o.ceThresholdSelector;
  if (o.ceThresholdMask !== undefined) p.ceThresholdMask = o.ceThresholdMask;
  if (o.interval !== undefined) p.interval = usToTime(o.interval);
  if (o.limit !== undefined) fq.limit = o.limit;
  if (o.ecn !== undefined) p.ecn = o.ecn !== 0;
  if (o.dropBatchSize !== undefined) fq.dropBatch = Math.max(1, o.dropBatchSize);
  if (o.memoryLimit !== undefined) fq.memoryLimit = Math.min(0x8000_0000, o.memoryLimit);
}

export function dumpFqCodel(fq: FqCodel): Uint8Array {
  const p = fq.params;
  const late =
    p.ceThreshold === CODEL_DISABLED
      ? {}
      : {
          ceThreshold: timeToUs(p.ceThreshold),
          ceThresholdSelector: p.ceThresholdSelector,
          ceThresholdMask: p.ceThresholdMask,
        };
  return encode(TCA_FQ_CODEL, {
    target: timeToUs(p.target),
    limit: fq.limit,
    interval: timeToUs(p.interval),
    ecn: p.ecn ? 1 : 0,
    quantum: fq.quantum,
    flows: fq.flowsCount,
    dropBatchSize: fq.dropBatch,
    memoryLimit: fq.memoryLimit,
    ...late,
  });
}
