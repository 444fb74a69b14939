// pfifo_fast: three bands by priority, the lower number first; the default of a single txq. Takes no options. Bound:
// txqueuelen frames per band; a frame beyond it ends as QdiscFull and its sender is told XMIT_DROP.
// Linux: net/sched/sch_generic.c, struct pfifo_fast_priv, prio2band.

import { Drop } from '../net/drop.ts';
import { XMIT_DROP, XMIT_SUCCESS } from '../net/flags.ts';
import { PacketQueue } from '../net/packetqueue.ts';
import { countSent, dropFrame, packetLen, Qdisc, type QdiscOps } from '../net/qdisc.ts';
import type { Skb } from '../net/skb.ts';

const BANDS = 3;
/** Band by skb.priority & 15. */
const PRIO2BAND = Uint8Array.of(1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);

export const pfifoFast: QdiscOps = {
  kind: 'pfifo_fast',
  create(dev, txq) {
    const q = new Qdisc('pfifo_fast', dev, txq);
    q.priv = [new PacketQueue(), new PacketQueue(), new PacketQueue()];
    q.enqueue = enqueue;
    q.dequeue = dequeue;
    q.reset = reset;
    q.dump = dump;
    q.canBypass = true;
    return q;
  },
};

function enqueue(skb: Skb, q: Qdisc): number {
  const band = (q.priv as PacketQueue[])[PRIO2BAND[skb.priority & 15]];
  if (band.length >= q.dev.txQueueLen) {
    dropFrame(q, skb);
    return XMIT_DROP;
  }
  band.push(skb);
  q.qlen++;
  q.backlog += packetLen(skb);
  return XMIT_SUCCESS;
}

function dequeue(q: Qdisc): Skb | null {
  const bands = q.priv as PacketQueue[];
  for (let i = 0; i < BANDS; i++) {
    const skb = bands[i].shift();
    if (skb === null) continue;
    q.qlen--;
    q.backlog -= packetLen(skb);
    countSent(q, skb);
    return skb;
  }
  return null;
}

function reset(q: Qdisc): void {
  const bands = q.priv as PacketQueue[];
  for (let i = 0; i < BANDS; i++) bands[i].purge(Drop.DeviceDown);
}

/** struct tc_prio_qopt: bands and the map. */
function dump(): Uint8Array {
  const out = new Uint8Array(4 + PRIO2BAND.length);
  new DataView(out.buffer).setInt32(0, BANDS, true);
  out.set(PRIO2BAND, 4);
  return out;
}
