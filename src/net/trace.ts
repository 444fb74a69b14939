// Trace points: one per arrow in the life of a frame, named as the kernel's functions. A point that nobody uses costs
// one null check at its call site. Probes (probe/) install functions here; the core never builds event objects.

import type { NetDevice, TxQueue } from './netdev.ts';
import type { OffloadCall } from './offload.ts';
import type { Qdisc } from './qdisc.ts';
import type { Skb } from './skb.ts';

export class TracePoints {
  /** __dev_queue_xmit(): a frame enters a device's transmit side; `sbDev` as given. */
  devQueueXmit: ((skb: Skb, dev: NetDevice, sbDev: NetDevice | null) => void) | null = null;
  /** dev_hard_start_xmit(): handed to the driver. */
  startXmit: ((skb: Skb, dev: NetDevice, txq: TxQueue) => void) | null = null;
  /** After the driver: its answer. The skb is gone; only its trace number is given. */
  xmitDone: ((trace: number, dev: NetDevice, rc: number) => void) | null = null;
  qdiscEnqueue: ((skb: Skb, q: Qdisc) => void) | null = null;
  qdiscRun: ((q: Qdisc) => void) | null = null;
  /** netif_rx(): onto the backlog. */
  netifRx: ((skb: Skb, dev: NetDevice) => void) | null = null;
  /** __netif_receive_skb_core(): one round on `dev`. */
  receive: ((skb: Skb, dev: NetDevice) => void) | null = null;
  /** An rx handler answered. */
  rxHandled: ((skb: Skb, dev: NetDevice, verdict: number) => void) | null = null;
  /** Given to a protocol's handler. */
  deliver: ((skb: Skb, dev: NetDevice) => void) | null = null;
  /** A NIC's driver was asked about its stations, or lets one go. */
  offload: ((dev: NetDevice, call: OffloadCall) => void) | null = null;
  /** A named function of a driver or of inet was passed: `fn` is the kernel's spelling. */
  step: ((fn: string, skb: Skb, dev: NetDevice | null) => void) | null = null;
}
