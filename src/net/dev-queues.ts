// Qdiscs come and go with the device: noop until it is up and has carrier, then the real one on every txq.
// Linux: net/sched/sch_generic.c, dev_activate(), dev_deactivate(), dev_shutdown().

import { PRIV_NO_QUEUE } from './flags.ts';
import type { NetDevice } from './netdev.ts';
import { makeNoop, makeNoqueue, type Qdisc, qdiscReset } from './qdisc.ts';

/** Up: default qdiscs are made once; without carrier they wait. Linux: dev_activate(). */
export function activate(dev: NetDevice): void {
  if (dev.qdisc.kind === 'noop') attachDefaults(dev);
  if (!dev.carrier) return;
  for (const txq of dev.txq) {
    txq.qdiscSleeping.active = true;
    txq.qdisc = txq.qdiscSleeping;
  }
}

function attachDefaults(dev: NetDevice): void {
  const make = dev.core.kernel.hooks.defaultQdisc;
  const noQueue = (dev.privFlags & PRIV_NO_QUEUE) !== 0 || dev.txQueueLen === 0;
  if (noQueue || make === null) {
    for (const txq of dev.txq) txq.qdiscSleeping = makeNoqueue(dev, txq);
    dev.qdisc = dev.txq[0].qdiscSleeping;
    return;
  }
  dev.qdisc = make(dev, (i, q) => {
    dev.txq[i].qdiscSleeping = q;
  });
}

/** Down or without carrier: noop everywhere, and what waited ends. Linux: dev_deactivate(). */
export function deactivate(dev: NetDevice): void {
  for (const txq of dev.txq) {
    const q = txq.qdisc;
    if (q.kind !== 'noop') txq.qdisc = makeNoop(dev, txq);
    if (!txq.qdiscSleeping.builtin) {
      txq.qdiscSleeping.active = false;
      qdiscReset(txq.qdiscSleeping);
    }
  }
}

/** Would a change of carrier change what frames meet? Linux: qdisc_tx_changing(). */
export function txChanging(dev: NetDevice): boolean {
  for (const txq of dev.txq) if (txq.qdisc !== txq.qdiscSleeping) return true;
  return false;
}

/** The device goes: qdiscs are destroyed. Linux: dev_shutdown(). */
export function shutdown(dev: NetDevice): void {
  for (const txq of dev.txq) {
    destroy(txq.qdiscSleeping);
    txq.qdisc = makeNoop(dev, txq);
    txq.qdiscSleeping = txq.qdisc;
  }
  if (dev.qdisc.txq === null) destroy(dev.qdisc);
  dev.qdisc = dev.txq[0].qdisc;
}

function destroy(q: Qdisc): void {
  qdiscReset(q);
  q.active = false;
  if (q.destroy !== null) q.destroy(q);
}

/** Puts a qdisc made by request on a txq (or, as root, over the device) and takes the old one away. Linux: dev_graft_qdisc(). */
export function graft(dev: NetDevice, index: number, q: Qdisc): void {
  const txq = dev.txq[index];
  const old = txq.qdiscSleeping;
  txq.qdiscSleeping = q;
  if (dev.up && dev.carrier) {
    q.active = true;
    txq.qdisc = q;
  }
  destroy(old);
}
