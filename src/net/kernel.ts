// The model kernel's core: one per lab. Owns time, frames, namespaces, the catalogues of link kinds and protocols, and
// the slots that higher rooms fill (an arrow never turns round: see DESIGN, "The house"). Knows no driver by name.

import { Stream } from '../base/random.ts';
import { Loop } from '../sim/loop.ts';
import type { In6 } from '../wire/in6.ts';
import { DevCore } from './dev.ts';
import type { LinkOps } from './linkops.ts';
import { LinkWatch } from './linkwatch.ts';
import { Log } from './log.ts';
import type { FdbEntry, NetDevice, TxQueue } from './netdev.ts';
import { NetNs } from './netns.ts';
import { NotifierChain } from './notifier.ts';
import { makeNoop, type Place, type Qdisc, type QdiscOps } from './qdisc.ts';
import { Receive } from './rx.ts';
import { type Skb, SkbSlab } from './skb.ts';
import { Softirq } from './softirq.ts';
import { defaultTiming, type Timing } from './timing.ts';
import { TracePoints } from './trace.ts';
import { Xmit } from './tx.ts';

/** Takes the skb: a network protocol's receive function. Linux: struct packet_type.func. */
export type ProtoHandler = (skb: Skb, dev: NetDevice, origDev: NetDevice) => void;

/** Doors that higher rooms fill in. Until they do, each does what a kernel without that part would. */
export interface Hooks {
  /** A namespace is being made or is dying: rooms attach and detach their state. */
  readonly nsInit: Array<(ns: NetNs) => void>;
  readonly nsExit: Array<(ns: NetNs) => void>;
  /** The default qdisc of a txq. Linux: attach_one_default_qdisc(). */
  defaultQdisc: ((dev: NetDevice, attach: (txq: number, q: Qdisc) => void) => Qdisc) | null;
  /** The same for one txq below a root that gives each its own. */
  leafQdisc: (dev: NetDevice, txq: TxQueue, place: Place) => Qdisc;
  /** rtnetlink notifications: a device changed (`change` is ifi_change); it is gone. */
  linkChanged: (dev: NetDevice, change: number) => void;
  linkGone: (dev: NetDevice, movedTo: NetNs | null, newIndex: number, nsid: number) => void;
  nsidAdded: (ns: NetNs, other: NetNs, id: number) => void;
  nsidGone: (ns: NetNs, id: number) => void;
  /** A bridge's forwarding database gained, changed or lost an entry (RTM_NEWNEIGH, RTM_DELNEIGH under AF_BRIDGE). */
  fdbChanged: (entry: FdbEntry, gone: boolean) => void;
  /** A bridge port changed or is no longer one (RTM_NEWLINK, RTM_DELLINK under AF_BRIDGE). */
  bridgePortChanged: (port: NetDevice, gone: boolean) => void;
  /** Reassembles an IPv4 fragment for macvlan: the whole datagram, null when held, or the frame itself. */
  defrag: ((skb: Skb, ns: NetNs) => Skb | null) | null;
  /** A driver joins or leaves an IPv4 group on its device (host order), as a bridge that snoops does. */
  mcJoin: (dev: NetDevice, group: number) => void;
  mcLeave: (dev: NetDevice, group: number) => void;
  /** The same for an IPv6 group. */
  mcJoin6: (dev: NetDevice, group: In6) => void;
  mcLeave6: (dev: NetDevice, group: In6) => void;
  vlanReceive: ((skb: Skb, dev: NetDevice) => boolean) | null;
  /** A line for the kernel's log at level info; `dev`: whom it is about. What is in the next rack has a log of its own. */
  log: (line: string, dev?: NetDevice) => void;
}

export class Kernel {
  readonly seed: number;
  readonly loop = new Loop();
  readonly skbs = new SkbSlab();
  readonly timing: Timing;
  readonly trace = new TracePoints();
  readonly notifiers = new NotifierChain();
  readonly linkKinds = new Map<string, LinkOps>();
  readonly qdiscKinds = new Map<string, QdiscOps>();
  readonly protocols = new Map<number, ProtoHandler>();
  readonly namespaces: NetNs[] = [];
  /** What dmesg reads. */
  readonly log = new Log(this.loop);
  readonly hooks: Hooks;
  readonly dev: DevCore;
  readonly tx: Xmit;
  readonly rx: Receive;
  readonly softirq: Softirq;
  readonly linkWatch: LinkWatch;
  private readonly loaded = new Set<string>();
  private nextInode = 4026531840;
  private readonly streams = new Map<string, Stream>();
  private packetNumber = 0;
  /** macvlan and its drivers before 4.18: an offloaded macvlan's frames skip its mode, and its rings may be its own. */
  oldL2fw = false;
  /** A stopped queue of a device without qdisc drops a frame (NET_XMIT_DROP) instead of failing with -ENETDOWN. */
  noqueueXoffDrops = false;
  /** How many CPUs masks in /sys have bits for, and which one sends now. All work is done on one after the other. */
  cpus = 1;
  cpu = 0;
  /** The last handle that was given to a qdisc nobody named: 8001: is the first, of all devices together. */
  autoHandle = 0x80000000;

  constructor(seed: number, timing: Partial<Timing> = {}) {
    this.seed = seed;
    this.timing = { ...defaultTiming, ...timing };
    this.hooks = {
      nsInit: [],
      nsExit: [],
      defaultQdisc: null,
      leafQdisc: makeNoop,
      linkChanged: ignore,
      linkGone: ignore,
      nsidAdded: ignore,
      nsidGone: ignore,
      fdbChanged: ignore,
      bridgePortChanged: ignore,
      defrag: null,
      mcJoin: ignore,
      mcLeave: ignore,
      mcJoin6: ignore,
      mcLeave6: ignore,
      vlanReceive: null,
      log: (line, dev) => {
        if (dev === undefined || !dev.ns.hidden) this.log.write(line);
      },
    };
    this.dev = new DevCore(this);
    this.softirq = new Softirq(this);
    this.rx = new Receive(this);
    this.tx = new Xmit(this);
    this.linkWatch = new LinkWatch(this);
  }

  /** The random stream of that label: the same seed and label give the same numbers. */
  stream(label: string): Stream {
    let s = this.streams.get(label);
    if (s === undefined) {
      s = new Stream(this.seed, label);
      this.streams.set(label, s);
    }
    return s;
  }

  /** Runs `init` the first time that `name` is asked for: a driver's part that is one per kernel. Linux: module_init(). */
  load(name: string, init: (kernel: Kernel) => void): void {
    if (this.loaded.has(name)) return;
    this.loaded.add(name);
    init(this);
  }

  /** A number for a packet's trace. */
  newTrace(): number {
    return ++this.packetNumber;
  }

  /** The text of every line in the log. */
  get logLines(): string[] {
    return this.log.since(0).map((line) => line.text);
  }

  /** Makes a namespace with all rooms' state; its loopback device is made by a hook. */
  createNs(label: string): NetNs {
    const ns = new NetNs(this, this.nextInode++);
    ns.label = label;
    this.namespaces.push(ns);
    for (const init of this.hooks.nsInit) init(ns);
    return ns;
  }

  /** Ends a namespace: devices die or go back to `refundTo`, rooms let go. Linux: cleanup_net(). */
  destroyNs(ns: NetNs, refundTo: NetNs): void {
    if (ns.dead) return;
    ns.dead = true;
    for (const other of this.namespaces) {
      const id = other.nsids.get(ns);
      if (id === undefined) continue;
      other.nsids.delete(ns);
      this.hooks.nsidGone(other, id);
    }
    this.dev.exitNs(ns, refundTo);
    for (let i = this.hooks.nsExit.length - 1; i >= 0; i--) this.hooks.nsExit[i](ns);
    this.namespaces.splice(this.namespaces.indexOf(ns), 1);
  }
}

function ignore(): void {}
