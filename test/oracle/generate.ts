// Random labs. A seed decides first which features a lab has at all (a swarm: most labs lack most features, so that each
// is also met alone), then how often. The links form a tree and only a port towards a leaf may reflect frames: without a
// spanning tree protocol a loop would never end, on either kernel.

import { Stream } from '../../src/base/random.ts';
import { ADDRESSES, EXTERNALS, GROUPS, MACS, randomFrames } from './generate-frames.ts';
import type { Lab, LinkFlag, MacvlanWords, Op, PortWord } from './lab.ts';

/** Features, and how often one is used where it is on, relative to the others. */
const FEATURES = {
  updown: 6,
  modes: 5,
  macs: 5,
  mtu: 4,
  moves: 4,
  deletes: 4,
  sources: 5,
  groups: 4,
  promisc: 4,
  ports: 6,
  fdb: 3,
  masters: 3,
  flags: 3,
  renames: 1,
  queues: 2,
  nested: 0,
  hairpin: 0,
  secondSwitch: 0,
  direct: 0,
  onBridge: 0,
  container: 0,
  quiet: 0,
  odd: 0,
  forged: 0,
  oversized: 0,
  fragments: 0,
  runts: 0,
  bursts: 0,
  tagged: 0,
  macvtap: 0,
  addresses: 5,
  mistakes: 3,
  arp: 1,
} as const;
/** The same; drawn apart, so that labs without them are what they were. */
const MORE_FEATURES = {
  members: 5,
  files: 6,
  ipv6: 0,
} as const;
export type Feature = keyof typeof FEATURES | keyof typeof MORE_FEATURES;

const MODES = [1, 2, 4, 4, 16, 16];
const PASSTHRU = 8;
const NODST = 2;

const MEMBERS = ['239.1.1.5', '239.1.1.6', '224.0.0.251', '224.0.0.1'];
const MEMBERS6 = ['ff02::5', 'ff05::6', 'ff02::1', 'ff01::7'];

/** The first one is as the outsiders' list has it. */
const bridgeMac = (n: number): string => `02:00:00:00:b${n.toString(16)}:0b`;

export class Draw {
  readonly stream: Stream;
  readonly on: ReadonlySet<Feature>;

  constructor(seed: number) {
    this.stream = new Stream(seed, 'storm');
    const rare = new Set<Feature>(['quiet', 'arp', 'direct']);
    const on = new Set<Feature>();
    for (const f of Object.keys(FEATURES) as Feature[]) if (this.chance(rare.has(f) ? 1 : 2, 5)) on.add(f);
    const more = new Stream(seed, 'storm:more');
    for (const f of Object.keys(MORE_FEATURES) as Feature[]) if (more.chance(1, 3)) on.add(f);
    // Files are those of macvtaps.
    if (on.has('files')) on.add('macvtap');
    this.on = on;
  }

  chance(num: number, den: number): boolean {
    return this.stream.chance(num, den);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.stream.below(from.length)];
  }

  between(low: number, high: number): number {
    return low + this.stream.below(high - low + 1);
  }
}

export function generateLab(seed: number): Lab {
  return new Generator(seed).lab();
}

class Generator {
  private readonly d: Draw;
  private readonly seed: number;
  private readonly ops: Op[] = [];
  private readonly spaces = ['host', 'sw', 'x', 'c0', 'c1', 'c2'];
  /** What macvlans sit on; ends of cables; who sends. */
  private readonly lowers: string[] = ['h0', 'h0', 'x0'];
  private readonly ends: string[] = ['h0', 'x0'];
  private readonly macvlans: string[] = [];
  private readonly bridges: string[] = [];
  /** Ports, and whether a leaf is behind them. */
  private readonly ports: Array<{ dev: string; bridge: string; leaf: boolean }> = [];

  constructor(seed: number) {
    this.seed = seed;
    this.d = new Draw(seed);
  }

  lab(): Lab {
    this.topology();
    const count = this.d.between(1, 5);
    for (let i = 0; i < count; i++) this.firstMacvlan(i);
    if (this.d.on.has('container')) this.container();
    if (this.d.on.has('addresses'))
      for (const dev of [...this.ends, ...this.macvlans]) if (this.d.chance(1, 2)) this.push(this.addressOp(dev, true));
    const changes = this.changes();
    for (let i = this.d.between(20, 50); i > 0; i--) {
      if (changes.length === 0 || this.d.chance(3, 5)) this.send();
      else this.d.pick(changes)();
    }
    const ipv6 = this.d.on.has('ipv6') ? { ipv6: true } : {};
    return { seed: this.seed, spaces: this.spaces, taps: !this.d.on.has('quiet'), ...ipv6, ops: this.ops };
  }

  /** host/h0 and x/x0, joined by a bridge or by a cable alone. */
  private topology(): void {
    if (this.d.on.has('direct')) {
      this.veth('h0', 'host', 'x0', 'x');
      return;
    }
    this.veth('h0', 'host', 's0', 'sw');
    this.veth('x0', 'x', 's1', 'sw');
    this.bridge('br0', 'sw', [
      { dev: 's0', leaf: true },
      { dev: 's1', leaf: true },
    ]);
    if (this.d.on.has('onBridge')) this.lowers.push('br0');
    if (!this.d.on.has('secondSwitch')) return;
    this.spaces.push('sw2', 'y');
    this.veth('u0', 'sw', 'u1', 'sw2');
    this.veth('y0', 'y', 'v0', 'sw2');
    this.ops.push({ do: 'master', dev: 'u0', master: 'br0' });
    this.ports.push({ dev: 'u0', bridge: 'br0', leaf: false });
    this.bridge('br1', 'sw2', [
      { dev: 'u1', leaf: false },
      { dev: 'v0', leaf: true },
    ]);
    this.ends.push('y0');
    this.lowers.push('y0', 'br1');
  }

  private veth(dev: string, ns: string, peer: string, peerNs: string): void {
    const ext = EXTERNALS[this.ops.length % EXTERNALS.length];
    const n = this.ops.length.toString(16).padStart(2, '0');
    const mac = dev === 'h0' ? EXTERNALS[0] : dev === 'x0' ? EXTERNALS[1] : `${ext.slice(0, 12)}d0:${n}`;
    this.ops.push({
      do: 'veth',
      dev,
      ns,
      mac,
      peer,
      peerNs,
      peerMac: peer === 'x0' ? EXTERNALS[1] : `02:00:00:00:d1:${n}`,
    });
    for (const end of [dev, peer]) this.ops.push({ do: 'flag', dev: end, flag: 'up', on: true });
  }

  private bridge(dev: string, ns: string, ports: Array<{ dev: string; leaf: boolean }>): void {
    this.ops.push({
      do: 'bridge',
      dev,
      ns,
      ...(this.speaks() || this.d.chance(1, 2) ? { mac: bridgeMac(this.bridges.length) } : {}),
    });
    for (const { dev: port } of ports) this.ops.push({ do: 'master', dev: port, master: dev });
    this.ops.push({ do: 'flag', dev, flag: 'up', on: true });
    for (const { dev: port, leaf } of ports) {
      this.ports.push({ dev: port, bridge: dev, leaf });
      if (leaf && this.d.on.has('hairpin')) this.ops.push({ do: 'port', dev: port, word: 'hairpin', on: true });
    }
    this.bridges.push(dev);
  }

  /** A bridge in a namespace of its own, with a macvlan as its way out and a veth as its inside. */
  private container(): void {
    this.spaces.push('k', 'in');
    this.ops.push({
      do: 'macvlan',
      dev: 'w0',
      ns: 'k',
      on: 'h0',
      mac: MACS[9],
      data: { mode: this.d.pick([4, 8, 2]) },
    });
    this.ops.push({ do: 'flag', dev: 'w0', flag: 'up', on: true });
    this.veth('i0', 'in', 'i1', 'k');
    this.bridge('br2', 'k', [
      { dev: 'w0', leaf: false },
      { dev: 'i1', leaf: true },
    ]);
    this.ends.push('i0');
  }

  private firstMacvlan(i: number): void {
    const dev = `m${i}`;
    const nested = this.d.on.has('nested') && this.macvlans.length > 0 && this.d.chance(1, 2);
    this.macvlans.push(dev);
    this.addMacvlan(dev, nested ? `m${this.d.stream.below(i)}` : this.d.pick(this.lowers));
    if (this.d.chance(9, 10)) this.ops.push({ do: 'flag', dev, flag: 'up', on: true });
  }

  private addMacvlan(dev: string, on: string): void {
    const data = this.words(this.d.chance(1, 8) ? PASSTHRU : this.d.pick(MODES));
    const op: Op = { do: 'macvlan', dev, ns: this.d.pick(this.spaces), on, data };
    if (this.d.on.has('macvtap') && this.d.chance(1, 2)) op.kind = 'macvtap';
    // Who answers ARP says its address: then it must not be one that a kernel made up.
    if (this.speaks() || this.d.chance(9, 10)) op.mac = this.someMac(dev);
    if (this.d.on.has('mtu') && this.d.chance(1, 6)) op.mtu = this.d.pick([68, 1000, 1400, 1500, 1501, 67]);
    if (data.mode === 16 && this.d.chance(2, 3)) op.sources = this.macList();
    this.ops.push(op);
  }

  /** Do hosts of this lab say their address by themselves? Then none may be made up. */
  private speaks(): boolean {
    return this.d.on.has('addresses') || this.d.on.has('members') || this.d.on.has('ipv6');
  }

  private words(mode: number): MacvlanWords {
    const words: MacvlanWords = { mode };
    if (mode === 16 && this.d.chance(1, 4)) words.flags = NODST;
    if (mode === PASSTHRU && this.d.chance(1, 3)) words.flags = 1;
    if (this.d.on.has('queues') && this.d.chance(1, 3)) words.bcqueuelen = this.queueLength();
    if (this.d.on.has('queues') && this.d.chance(1, 4)) words.bccutoff = this.d.pick([-1, 0, 1, 2, 5]);
    return words;
  }

  /** Where hosts speak unasked, several frames may meet in a queue: whether a short one holds them depends on the machine. */
  private queueLength(): number {
    const unasked = this.d.on.has('members') || this.d.on.has('ipv6');
    return this.d.pick(unasked ? [0, 0, 1000, 5000] : [0, 1, 5, 1000, 5000]);
  }

  private someMac(dev: string): string {
    return this.d.chance(9, 10) ? MACS[Number(dev.slice(1)) % 8] : this.d.pick([...MACS, ...EXTERNALS, ...GROUPS]);
  }

  private macList(): string[] {
    return Array.from({ length: this.d.stream.below(4) }, () => this.d.pick([...MACS, ...EXTERNALS]));
  }

  private send(): void {
    const dev = this.d.pick([
      ...this.ends,
      ...this.bridges,
      ...this.macvlans,
      ...this.macvlans,
      ...(this.d.chance(1, 9) ? ['s0'] : []),
    ]);
    this.ops.push({ do: 'send', dev, frames: randomFrames(this.d, this.macvlans.length) });
  }

  /** What may happen between frames: one entry per unit of weight. */
  private changes(): Array<() => void> {
    const any = (): string =>
      this.d.pick([...this.macvlans, ...this.macvlans, ...this.macvlans, ...this.ends, ...this.bridges]);
    const macvlan = (): string => this.d.pick(this.macvlans);
    const on = (): boolean => this.d.chance(1, 2);
    const mac = (): string => this.d.pick([...MACS.slice(0, 6), ...EXTERNALS]);
    const port = (): string => (this.ports.length > 0 ? this.d.pick(this.ports).dev : 's0');
    const flag = (flags: LinkFlag[]) => (): Op => ({ do: 'flag', dev: any(), flag: this.d.pick(flags), on: on() });
    const make: Partial<Record<Feature, () => Op | null>> = {
      updown: () => ({ do: 'flag', dev: this.d.chance(1, 6) ? port() : any(), flag: 'up', on: this.d.chance(2, 3) }),
      modes: () => ({ do: 'change', dev: macvlan(), data: this.words(this.d.pick([...MODES, PASSTHRU])) }),
      macs: () => ({ do: 'mac', dev: any(), mac: this.d.chance(1, 12) ? this.d.pick(GROUPS) : mac() }),
      mtu: () => ({
        do: 'mtu',
        dev: this.d.chance(1, 5) ? port() : any(),
        mtu: this.d.pick([1500, 1400, 1000, 1501, 9000, 600, 67]),
      }),
      moves: () => ({ do: 'move', dev: this.d.chance(1, 12) ? any() : macvlan(), ns: this.d.pick(this.spaces) }),
      sources: () => ({
        do: 'sources',
        dev: macvlan(),
        how: this.d.pick(['add', 'add', 'del', 'set', 'flush'] as const),
        macs: [mac(), ...this.macList()],
      }),
      groups: () => ({ do: 'group', dev: any(), join: this.d.chance(2, 3), mac: this.d.pick(GROUPS) }),
      promisc: flag(['promisc', 'allmulticast']),
      arp: flag(['arp', 'multicast']),
      flags: () => ({ do: 'change', dev: macvlan(), data: { flags: this.d.stream.below(4) } }),
      queues: () => ({
        do: 'change',
        dev: macvlan(),
        data: on() ? { bcqueuelen: this.queueLength() } : { bccutoff: this.d.pick([-1, 0, 1, 2, 5]) },
      }),
      addresses: () => this.addressOp(any(), this.d.chance(3, 4)),
      ports: () => this.portOp(),
      fdb: () => ({
        do: 'fdb',
        dev: on() ? port() : any(),
        add: this.d.chance(3, 4),
        mac: this.d.pick([...MACS, ...EXTERNALS, ...GROUPS]),
        to: on() ? 'master' : 'self',
        static: on(),
      }),
      masters: () => this.masterOp(),
      mistakes: () => this.mistake(),
      members: () => ({
        do: 'member',
        dev: any(),
        join: this.d.chance(2, 3),
        group: this.d.pick(this.d.on.has('ipv6') ? [...MEMBERS, ...MEMBERS6] : MEMBERS),
      }),
      files: () => this.fileOp(macvlan()),
      // A file is known by its device's name.
      renames: () => ({
        do: 'rename',
        dev: this.d.on.has('files') ? this.d.pick(this.ends) : any(),
        to: this.d.pick(['lo', this.d.on.has('files') ? 'a/b' : 'm0', 'a/b', 'q7', '']),
      }),
    };
    const out: Array<() => void> = [];
    for (const f of this.d.on) {
      const one = make[f];
      const weight =
        f in FEATURES ? FEATURES[f as keyof typeof FEATURES] : MORE_FEATURES[f as keyof typeof MORE_FEATURES];
      const act =
        f === 'deletes' ? (): void => this.replace() : one === undefined ? null : (): void => this.push(one());
      if (act !== null) for (let i = 0; i < weight; i++) out.push(act);
    }
    return out;
  }

  private push(op: Op | null): void {
    if (op !== null) this.ops.push(op);
  }

  /** A macvlan goes, or comes (again). */
  private replace(): void {
    const dev = this.d.pick(this.macvlans);
    if (this.d.chance(1, 2)) this.ops.push({ do: 'delete', dev: this.d.chance(1, 20) ? this.d.pick(this.ends) : dev });
    else {
      const nested = this.d.on.has('nested') && this.d.chance(1, 3);
      this.addMacvlan(dev, nested ? this.d.pick(this.macvlans) : this.d.pick(this.lowers));
      this.ops.push({ do: 'flag', dev, flag: 'up', on: true });
    }
  }

  private portOp(): Op | null {
    if (this.ports.length === 0) return null;
    const { dev, leaf } = this.d.pick(this.ports);
    const words: PortWord[] = ['learning', 'flood', 'mcast_flood', 'bcast_flood', 'isolated'];
    return {
      do: 'port',
      dev,
      word: this.d.pick(leaf && this.d.on.has('hairpin') ? [...words, 'hairpin', 'hairpin'] : words),
      on: this.d.chance(1, 2),
    };
  }

  private masterOp(): Op | null {
    if (this.ports.length === 0) return null;
    const { dev, bridge } = this.d.pick(this.ports);
    return { do: 'master', dev, master: this.d.chance(1, 2) ? bridge : null };
  }

  private fileOp(dev: string): Op {
    if (this.d.chance(1, 2)) return { do: 'write', dev, frames: randomFrames(this.d, this.macvlans.length) };
    return { do: 'file', dev, open: this.d.chance(3, 4) };
  }

  private addressOp(dev: string, add: boolean): Op {
    const ip = this.d.pick(ADDRESSES);
    return { do: 'address', dev, add, ip, prefix: this.d.pick([24, 24, 24, 32, 16]) };
  }

  /** What every kernel refuses, for reasons of its own. */
  private mistake(): Op {
    const ns = this.d.pick(this.spaces);
    const mode = this.d.pick([...MODES, PASSTHRU, 3, 0, 32]);
    return this.d.pick<Op>([
      { do: 'macvlan', dev: 'e0', ns, on: 'lo', data: { mode: 4 } },
      { do: 'macvlan', dev: 'e1', ns, on: 's0', data: { mode } },
      { do: 'macvlan', dev: 'h0', ns: 'host', on: 'h0', data: { mode: 4 } },
      { do: 'change', dev: 'h0', data: { mode } },
      { do: 'change', dev: this.d.pick(this.macvlans), data: { mode } },
      { do: 'flag', dev: 'gone', flag: 'up', on: true },
      { do: 'delete', dev: 'gone' },
      { do: 'delete', dev: 'lo' },
      { do: 'sources', dev: this.d.pick(this.macvlans), how: 'add', macs: [this.d.pick(GROUPS)] },
      { do: 'move', dev: 'lo', ns },
      { do: 'move', dev: 'br0', ns: 'c0' },
      { do: 'mac', dev: this.d.pick(this.macvlans), mac: '00:00:00:00:00:00' },
    ]);
  }
}
