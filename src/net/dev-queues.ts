// Qdiscs come and go with the device: noop until it is up and has carrier, then the real one on every txq.
// Linux: net/sched/sch_generic.c, dev_activate(), dev_deactivate(), dev_shutdown(); sch_api.c, qdisc_graft().

import { PRIV_NO_QUEUE } from './flags.ts';
import type { NetDevice } from './netdev.ts';
import { makeNoop, makeNoqueue, type Qdisc, qdiscDestroy, qdiscList, qdiscReset } from './qdisc.ts';

/** Up: default qdiscs are made once; without carrier they wait. Linux: dev_activate(). */
export function activate(dev: NetDevice): void {
  if (dev.qdisc.builtin) attachDefaults(dev);
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
    dev.qdisc.refs++;
    return;
  }
  dev.qdisc = make(dev, (i, q) => {
    dev.txq[i].qdiscSleeping = q;
  });
  if (dev.qdisc.attach === null) dev.qdisc.refs++;
}

/** Down or without carrier: noop everywhere, and what waited ends. Linux: dev_deactivate(). */
export function deactivate(dev: NetDevice): void {
  for (const txq of dev.txq) {
    const q = txq.qdisc;
    if (!q.builtin) txq.qdisc = makeNoop(dev, txq);
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
  put(setRoot(dev, null));
  setIngress(dev, null);
}

/** Puts a qdisc on one txq (null: noop) and gives the old one, which lets go of that txq. Linux: dev_graft_qdisc(). */
export function graftTxq(dev: NetDevice, index: number, fresh: Qdisc | null): Qdisc {
  const txq = dev.txq[index];
  const old = txq.qdiscSleeping;
  txq.qdiscSleeping = fresh ?? makeNoop(dev, txq);
  txq.qdisc = makeNoop(dev, txq); // until it is activated
  return old;
}

/** One holder less; the last one's going ends it. Linux: qdisc_put(). */
export function put(q: Qdisc): void {
  if (q.builtin || --q.refs > 0) return;
  qdiscDestroy(q);
}

/**
 * Makes `fresh` the root, on all txqs at once unless it puts children there itself; null: the default, made when the
 * device is up. `told` runs when the root has changed and before the old one is destroyed. Linux: qdisc_graft().
 */
export function graftRoot(dev: NetDevice, fresh: Qdisc | null, told: (old: Qdisc) => void): void {
  if (dev.up) deactivate(dev);
  const old = setRoot(dev, fresh, told);
  put(old);
  if (fresh?.attach != null) fresh.attach(fresh);
  if (dev.up) dev.core.activate(dev);
}

function setRoot(dev: NetDevice, fresh: Qdisc | null, told: (old: Qdisc) => void = () => {}): Qdisc {
  const old = dev.qdisc;
  if (fresh === null || fresh.attach === null) {
    for (let i = 0; i < dev.txq.length; i++) {
      const was = graftTxq(dev, i, fresh);
      if (fresh !== null && i > 0) fresh.refs++;
      put(was);
    }
  }
  if (fresh !== null && fresh.attach === null) fresh.refs++;
  dev.qdisc = fresh ?? dev.txq[0].qdiscSleeping;
  told(old);
  return old;
}

/** Puts clsact or ingress on a device, or takes it away. */
export function graftIngress(dev: NetDevice, fresh: Qdisc | null, told: (old: Qdisc | null) => void): void {
  const old = dev.ingressQdisc;
  if (old !== null && !old.builtin) old.refs = 0; // nobody may hold it then
  told(old?.builtin === true ? null : old);
  setIngress(dev, fresh);
}

function setIngress(dev: NetDevice, fresh: Qdisc | null): void {
  const old = dev.ingressQdisc;
  // Once there was one, a device keeps its ingress queue, with noop on it.
  if (old !== null || fresh !== null) dev.ingressQdisc = makeNoop(dev, null);
  if (old !== null) qdiscDestroy(old);
  if (fresh !== null) dev.ingressQdisc = fresh;
  if (fresh?.attach != null) fresh.attach(fresh);
}

/**
 * How many of its txqs a device uses. Frames that wait for a queue that goes end there, and tc shows the children of mq that
 * are in use. Linux: netif_set_real_num_tx_queues(), mq_change_real_num_tx().
 */
export function setRealNumTxQueues(dev: NetDevice, count: number): void {
  const was = dev.realNumTxQueues;
  for (let i = count; i < was; i++) {
    const q = dev.txq[i].qdiscSleeping;
    qdiscReset(q);
    const at = dev.qdiscs.indexOf(q);
    if (at >= 0 && dev.qdisc.attach !== null) dev.qdiscs.splice(at, 1);
  }
  if (count < was) dev.xps?.fill(0, count);
  dev.realNumTxQueues = count;
  if (dev.qdisc.attach === null) return;
  for (let i = was; i < count; i++) if (!dev.txq[i].qdiscSleeping.builtin) qdiscList(dev.txq[i].qdiscSleeping);
}
