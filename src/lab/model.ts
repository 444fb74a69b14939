// A model kernel put together: the catalogue of its parts in the order in which Linux initialises them. The one place
// that knows every room below; a new link kind or qdisc adds one line to a catalogue and nothing here.

import { bondLink } from '../drivers/bond/bond.ts';
import { bridgeLink } from '../drivers/bridge/bridge.ts';
import { dummyLink } from '../drivers/dummy/dummy.ts';
import { attachLo } from '../drivers/lo/lo.ts';
import { macvlanLink } from '../drivers/macvlan/macvlan.ts';
import { macvtapLink } from '../drivers/macvtap/macvtap.ts';
import { vethLink } from '../drivers/veth/veth.ts';
import { vlanLink } from '../drivers/vlan/vlan.ts';
import { attachInet } from '../inet/inet.ts';
import { attachInet6 } from '../inet/inet6.ts';
import { IFF_UP } from '../net/flags.ts';
import { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { readStats } from '../net/stats.ts';
import type { Timing } from '../net/timing.ts';
import { Capture, type CaptureOptions } from '../probe/pcap.ts';
import { attachRtnl } from '../rtnl/rtnl.ts';
import { attachSched } from '../sched/catalogue.ts';
import type { Loop } from '../sim/loop.ts';
import type { Sink } from '../wire/pcapng.ts';
import { buildMachine } from './build-machine.ts';
import type { Machine } from './machine.ts';
import { EPOCH_SEC, ModelOs } from './model-os.ts';

export interface ModelOptions {
  /** Everything random is derived from it. */
  seed: number;
  /** What hardware there is; none: a machine with lo alone. */
  machine?: Machine;
  timing?: Partial<Timing>;
  /** Does the kernel speak IPv6? Default: yes, as Linux. */
  ipv6?: boolean;
}

/** So many events may pass after everything has gone, until the last frame has left its cable. */
const LAST_EVENTS = 100_000;

/** The link kinds of the model: one line each. */
const LINK_KINDS = [vethLink, bridgeLink, macvlanLink, macvtapLink, vlanLink, dummyLink, bondLink];

export class Model {
  readonly kernel: Kernel;
  readonly os: ModelOs;
  private readonly marks = new Map<NetDevice, number>();

  constructor(options: ModelOptions) {
    const kernel = new Kernel(options.seed, options.timing);
    this.kernel = kernel;
    for (const ops of LINK_KINDS) kernel.linkKinds.set(ops.kind, ops);
    attachSched(kernel);
    attachInet(kernel);
    attachRtnl(kernel);
    if (options.ipv6 !== false) attachInet6(kernel); // after rtnetlink, whose messages of IPv4's settings come first
    attachLo(kernel);
    this.os = new ModelOs(kernel, kernel.createNs(''));
    boot(this.os.initNs);
    if (options.machine !== undefined) buildMachine(kernel, this.os.initNs, options.machine);
  }

  get loop(): Loop {
    return this.kernel.loop;
  }

  /**
   * Captures what every device sees from now on, as pcapng; hidden namespaces are left out. The function that comes back ends
   * the file, and says how many frames were left out because of `limitBytes`.
   */
  pcap(sink: Sink, options: CaptureOptions = {}): () => number {
    const capture = new Capture(this.kernel, sink, { epochSec: EPOCH_SEC, application: 'lowerdev', ...options });
    return () => {
      capture.finish();
      return capture.missed;
    };
  }

  deviceCount(): number {
    return this.kernel.namespaces.reduce((sum, ns) => sum + ns.byIndex.size, 0);
  }

  /** Frames that all devices have sent and received so far: how much the kernel worked. */
  framesCarried(): number {
    let frames = 0;
    for (const ns of this.kernel.namespaces) {
      for (const dev of ns.devices()) frames += dev.stats.rxPackets + dev.stats.txPackets;
    }
    return frames;
  }

  /** From here on busiest() counts. */
  mark(): void {
    this.marks.clear();
    for (const dev of this.devices()) this.marks.set(dev, framesOf(dev));
  }

  /** The devices that carried most frames since mark(), busiest first: the ones in a loop. */
  busiest(count = 6): string[] {
    const load = this.devices().map((dev) => ({
      name: dev.label,
      frames: framesOf(dev) - (this.marks.get(dev) ?? 0),
    }));
    load.sort((a, b) => b.frames - a.frames);
    return load
      .filter((l) => l.frames > 0)
      .slice(0, count)
      .map((l) => l.name);
  }

  /** Ends everything: names, namespaces, devices. Frames still in use afterwards are a fault that checkers report. */
  close(): void {
    this.os.close();
    for (const ns of [...this.kernel.namespaces].reverse()) this.kernel.destroyNs(ns, this.os.initNs);
  }

  /** After close(): what is still on a line arrives where nobody is any more, and ends there. */
  drain(): void {
    for (let i = 0; i < LAST_EVENTS && this.kernel.skbs.live > 0; i++) if (!this.loop.step()) break;
  }

  private devices(): NetDevice[] {
    return this.kernel.namespaces.flatMap((ns) => ns.devices());
  }
}

/** As `ip -s link` has it: a veth counts what its peer sent. */
function framesOf(dev: NetDevice): number {
  const { rxPackets, txPackets } = readStats(dev);
  return rxPackets + txPackets;
}

/** What every Linux machine has done before a script begins: lo is up in the first namespace (and in no other). */
function boot(ns: NetNs): void {
  const lo = ns.dev('lo');
  if (lo !== null) lo.core.changeFlags(lo, lo.flags | IFF_UP);
}

/** A model kernel, ready to run scripts. Throws MachineError for a bad machine. */
export function createModel(options: ModelOptions): Model {
  return new Model(options);
}
