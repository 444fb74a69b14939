// Helpers for the tests of this room: a kernel without drivers, tiny fake devices whose driver is a list of what it was
// given, and a diary of what notifiers and rtnetlink's hooks are told. Not part of the product.

import { Drop } from './drop.ts';
import { ADDR_SET, PRIV_NO_QUEUE, TX_OK } from './flags.ts';
import { Kernel } from './kernel.ts';
import { type LinkOps, Refusal } from './linkops.ts';
import type { NetDevice } from './netdev.ts';
import type { NetNs } from './netns.ts';
import { type DevEvent, Ev } from './notifier.ts';
import { countSent, Qdisc, type QdiscOps } from './qdisc.ts';
import type { Skb, SkbOwner } from './skb.ts';

export function makeCore(): { kernel: Kernel; ns: NetNs } {
  const kernel = new Kernel(1);
  return { kernel, ns: kernel.createNs('') };
}

/** The driver of a fake device. */
export class Fake {
  /** Tags (byte 14) of the frames it was given. */
  readonly sent: number[] = [];
  /** What startXmit answers; TX_BUSY leaves the frame with the caller. */
  answer = TX_OK;
}

export interface FakeOptions {
  mac?: number;
  txQueues?: number;
  /** Changes the device after its setup. */
  tune?: (dev: NetDevice) => void;
  /** With a newlink, as a device made by request: it announces itself later. */
  byRequest?: boolean;
}

/** An unregistered device without a queue of its own. */
export function fakeDev(ns: NetNs, name: string, options: FakeOptions = {}): NetDevice {
  const ops: LinkOps = {
    kind: 'fake',
    setup(dev) {
      dev.flags = 0x1002;
      dev.privFlags = PRIV_NO_QUEUE;
      dev.lltx = true;
      dev.addr = options.mac ?? 0x020000000001;
      dev.addrAssignType = ADDR_SET;
      dev.priv = new Fake();
      dev.startXmit = fakeXmit;
      options.tune?.(dev);
    },
    ...(options.byRequest === true ? { newlink: () => undefined } : {}),
  };
  return ns.kernel.dev.alloc(ns, name, ops, options.txQueues);
}

/** A registered one. */
export function addDev(ns: NetNs, name: string, options: FakeOptions = {}): NetDevice {
  const dev = fakeDev(ns, name, options);
  ns.kernel.dev.register(dev);
  return dev;
}

/** A registered one that is up. */
export function upDev(ns: NetNs, name: string, options: FakeOptions = {}): NetDevice {
  const dev = addDev(ns, name, options);
  setUp(dev, true);
  return dev;
}

export function setUp(dev: NetDevice, on: boolean): number {
  const flags = dev.core.userFlags(dev);
  return dev.core.changeFlags(dev, on ? flags | 1 : flags & ~1);
}

export const fakeOf = (dev: NetDevice): Fake => dev.priv as Fake;

function fakeXmit(skb: Skb, dev: NetDevice): number {
  const fake = fakeOf(dev);
  if (fake.answer === 0x10) return fake.answer;
  fake.sent.push(skb.bytes[skb.off + 14]);
  skb.slabs.free(skb, Drop.None);
  return fake.answer;
}

/** A frame that stands at its link header: 60 bytes unless told, the tag behind the header. */
export function frame(dev: NetDevice, dst: number, tag = 0, type = 0x88b5, length = 60): Skb {
  const skb = dev.core.kernel.skbs.alloc(length) as Skb;
  const view = skb.slabs.frames.view;
  skb.bytes.fill(0, skb.off, skb.off + length);
  putMac(view, skb.off, dst);
  putMac(view, skb.off + 6, 0x020000000099);
  view.setUint16(skb.off + 12, type);
  if (length > 14) view.setUint8(skb.off + 14, tag);
  skb.dev = dev;
  skb.protocol = type;
  return skb;
}

function putMac(view: DataView, at: number, mac: number): void {
  view.setUint16(at, Math.floor(mac / 0x100000000));
  view.setUint32(at + 2, mac % 0x100000000);
}

export function send(dev: NetDevice, tag = 0): number {
  return dev.core.kernel.tx.devQueueXmit(frame(dev, 0x020000000002, tag), null);
}

/** Hands a frame to the receive path, as a driver in its softirq does. */
export function receive(dev: NetDevice, dst = dev.addr, tag = 0, type = 0x88b5, length = 60): void {
  const skb = frame(dev, dst, tag, type, length);
  dev.core.kernel.rx.ethTypeTrans(skb, dev);
  dev.core.kernel.rx.netifReceiveSkb(skb);
}

const NAMES = new Map<number, string>(Object.entries(Ev).map(([name, value]) => [value, name]));

/** What notifiers and rtnetlink are told, one line each. */
export class Diary {
  private readonly lines: string[] = [];
  /** Answers a veto (negative) to an event. */
  veto: (event: DevEvent, dev: NetDevice) => number = () => 0;

  constructor(kernel: Kernel) {
    kernel.notifiers.add((event, dev) => {
      this.lines.push(`${dev.name} ${NAMES.get(event)}`);
      return this.veto(event, dev);
    });
    kernel.hooks.linkChanged = (dev, change) =>
      this.lines.push(`${dev.name} NEWLINK ${(change >>> 0).toString(16)} ${dev.up ? 'up' : 'down'}`);
    kernel.hooks.linkGone = (dev, to, index) =>
      this.lines.push(`${dev.name} DELLINK${to === null ? '' : ` to ${to.label} as ${index}`}`);
  }

  take(): string[] {
    return this.lines.splice(0);
  }
}

/** A qdisc with a bounded queue, as the core expects one: for the transmit path without the sched room. */
export function plainQueue(limit: number, canBypass: boolean): QdiscOps {
  return {
    kind: 'plain',
    create(dev, txq) {
      const q = new Qdisc('plain', dev, txq);
      const queue: Skb[] = [];
      q.canBypass = canBypass;
      q.enqueue = (skb) => {
        if (queue.length >= limit) {
          q.drops++;
          skb.slabs.free(skb, Drop.QdiscFull);
          return 1;
        }
        queue.push(skb);
        q.qlen++;
        q.backlog += skb.len;
        return 0;
      };
      q.dequeue = () => {
        const skb = queue.shift() ?? null;
        if (skb !== null) {
          q.qlen--;
          q.backlog -= skb.len;
          countSent(q, skb);
        }
        return skb;
      };
      q.reset = () => {
        for (const skb of queue.splice(0)) skb.slabs.free(skb, Drop.DeviceDown);
      };
      return q;
    },
  };
}

/** Makes that qdisc the default of devices that queue. */
export function useQueue(kernel: Kernel, ops: QdiscOps): void {
  kernel.hooks.defaultQdisc = (dev, attach) => {
    dev.txq.forEach((txq, i) => attach(i, ops.create(dev, txq, null)));
    return dev.txq[0].qdiscSleeping;
  };
}

/** errno and words of a refused request, or '' when it was met. */
export function refusal(what: () => unknown): string {
  try {
    what();
    return '';
  } catch (e) {
    if (e instanceof Refusal) return `${e.errno} ${e.extack}`.trim();
    throw e;
  }
}

/** A frame's owner that keeps no txq. */
export function ownerOf(sentDone: (truesize: number) => unknown): SkbOwner {
  return { sentDone: (truesize) => void sentDone(truesize), txQueue: -1, keepsRoute: false, mayReorder: () => false };
}
