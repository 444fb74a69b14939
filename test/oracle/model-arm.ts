// The model's arm: a lab on a model kernel, asked through its netlink and packet sockets. What it did is what the live arm
// is asked to do: the same requests as bytes, the same frames.

import type { Tap } from '../../src/drivers/macvtap/tap.ts';
import { checkKernel } from '../../src/lab/checkers.ts';
import type { Machine } from '../../src/lab/machine.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import type { Socket } from '../../src/lab/os.ts';
import type { NetDevice } from '../../src/net/netdev.ts';
import type { NetNs } from '../../src/net/netns.ts';
import { decodeAnswer, encodeMessage, messages } from '../../src/netlink/message.ts';
import { LINK } from '../../src/netlink/payload.ts';
import type { NlTransport } from '../../src/netlink/transport.ts';
import { openNetlink } from '../../src/rtnl/socket.ts';
import { formatMac, parseIp4 } from '../../src/uapi/format.ts';
import { RTM_GETLINK } from '../../src/uapi/msgtype.ts';
import { NETLINK_ROUTE, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_ERROR } from '../../src/uapi/netlink.ts';
import { ETH_P_ALL } from '../../src/wire/ethernet.ts';
import { in6 } from '../../src/wire/in6.ts';
import type { Canary } from './canaries.ts';
import type { Lab, Op, Run, Step } from './lab.ts';
import { attributesOf, linkLines } from './links.ts';
import { FD_BASE, requestOf, type Whereabouts } from './request.ts';
import { frameBytes, frameLine, hex, KINDS, macOfText, NOBODY, OURS, unhex } from './text.ts';

/** What the live arm has to do for one operation. Bytes are hex. */
export type Deed =
  | { do: 'netlink'; ns: number; bytes: string }
  | { do: 'send'; ns: number; dev: string; frames: string[] }
  | { do: 'group'; ns: number; dev: string; join: boolean; mac: string }
  | { do: 'member'; ns: number; index: number; join: boolean; group: string }
  | { do: 'file'; ns: number; dev: string; id: number; open: boolean }
  | { do: 'write'; ns: number; dev: string; id: number; frames: string[] };

export interface ModelRun extends Run {
  deeds: Deed[];
  /** After each operation, by namespace: the index numbers of the links. */
  indexes: number[][][];
  /** What the checkers say. */
  complaints: string[];
}

/** A virtio header that asks for nothing. */
const NO_OFFLOAD = '00000000000000000000';
/** Long enough for link watch twice over; fragments do not expire meanwhile. */
const SETTLE_CHANGE_NS = 2.5e9;
const SETTLE_SEND_NS = 20e6;
const ENODEV = 19;

/**
 * Set in every namespace, on both kernels: reports of groups are sent again at once, not after a random time; IPv6 is
 * off, or does nothing at random times.
 */
export function sysctls(lab: Pick<Lab, 'ipv6'>): Array<[key: string, value: string]> {
  const six: Array<[string, string]> = [
    ['disable_ipv6', '0'],
    ['accept_dad', '0'],
    ['dad_transmits', '0'],
    ['router_solicitations', '0'],
    ['mldv2_unsolicited_report_interval', '1'],
  ];
  return ['all', 'default'].flatMap(
    (which): Array<[string, string]> => [
      [`ipv4/conf/${which}/igmpv3_unsolicited_report_interval`, '1'],
      ...(lab.ipv6 === true ? six : [['disable_ipv6', '1'] as [string, string]]).map(
        ([key, value]): [string, string] => [`ipv6/conf/${which}/${key}`, value],
      ),
    ],
  );
}

export function runModel(lab: Lab, canary?: Canary): ModelRun {
  const unbend = canary?.plant?.();
  try {
    return run(lab, canary?.bend);
  } finally {
    unbend?.();
  }
}

function run(lab: Lab, bend: (step: Step) => Step = (step) => step): ModelRun {
  const arm = new ModelArm(lab);
  const steps: Step[] = [];
  const deeds: Deed[] = [];
  const indexes: number[][][] = [];
  for (const op of lab.ops) {
    deeds.push(arm.deedOf(op));
    steps.push(bend(arm.perform(deeds[deeds.length - 1])));
    indexes.push(arm.indexes());
  }
  const links = arm.links();
  return { steps, deeds, indexes, links, complaints: arm.end() };
}

/** A lab that runs step by step; `machine`: its first namespace has NICs. */
export class ModelArm implements Whereabouts {
  private readonly lab: Lab;
  readonly model: Model;
  private readonly spaces: NetNs[];
  private readonly sockets: NlTransport[];
  private readonly taps: Socket[];
  /** Who joins groups: a socket for each namespace and family. */
  private readonly members = new Map<string, Socket>();
  /** Character devices that are open, by the number of the macvtap: there may be two of one name. */
  private readonly files = new Map<number, Tap>();
  private readonly ids = new Map<NetDevice, number>();
  private readonly known = new Map<string, string>();
  private readonly checkers: ReturnType<typeof checkKernel>;

  constructor(lab: Lab, machine?: Machine) {
    this.lab = lab;
    const model = createModel({ seed: lab.seed, ipv6: true, machine });
    this.model = model;
    this.checkers = checkKernel(model.kernel);
    this.spaces = lab.spaces.map((name, i) => {
      if (i === 0) return model.os.initNs;
      const ns = model.os.nsCreate();
      model.os.nsBind(name, ns);
      return ns;
    });
    for (const ns of this.spaces)
      for (const [key, value] of sysctls(lab)) model.os.writeFile(ns, `/proc/sys/net/${key}`, value);
    const fds = { nsByFd: (fd: number) => this.spaces[fd - FD_BASE] ?? null, nsByPid: () => null };
    this.sockets = this.spaces.map((ns) => openNetlink(model.kernel, ns, NETLINK_ROUTE, fds));
    this.taps = lab.taps ? this.spaces.map((ns) => this.tap(ns)) : [];
  }

  private tap(ns: NetNs): Socket {
    const socket = this.model.os.socket(ns, 'packet', ETH_P_ALL);
    if (typeof socket === 'number') throw new Error(`no packet socket: ${socket}`);
    socket.setOption('SO_RCVBUF', 1 << 22);
    return socket;
  }

  find(name: string): { ns: number; index: number; kind: string } | null {
    const dev = this.dev(name);
    return dev === null ? null : { ns: this.spaces.indexOf(dev.ns), index: dev.ifindex, kind: dev.linkOps?.kind ?? '' };
  }

  space(name: string): number {
    return this.lab.spaces.indexOf(name);
  }

  dev(name: string): NetDevice | null {
    for (const ns of this.spaces) {
      const dev = ns.dev(name);
      if (dev !== null) return dev;
    }
    return null;
  }

  deedOf(op: Op): Deed {
    const dev = this.dev(op.dev);
    const ns = dev === null ? 0 : this.spaces.indexOf(dev.ns);
    if (op.do === 'group') return { do: 'group', ns, dev: op.dev, join: op.join, mac: op.mac };
    if (op.do === 'member') return { do: 'member', ns, index: dev?.ifindex ?? 99, join: op.join, group: op.group };
    if (op.do === 'file') return { do: 'file', ns, dev: op.dev, id: this.idOf(dev), open: op.open };
    if (op.do === 'send' || op.do === 'write') {
      const own = ownAddress(dev);
      const frames = op.frames.map((f) => hex(frameBytes(f, own)));
      const at = { ns, dev: op.dev, frames };
      return op.do === 'send' ? { do: 'send', ...at } : { do: 'write', ...at, id: this.idOf(dev) };
    }
    const request = requestOf(op, this);
    return { do: 'netlink', ns: request.ns, bytes: hex(request.bytes) };
  }

  perform(deed: Deed): Step {
    const answer = this.act(deed);
    const { loop } = this.model;
    const sends = deed.do === 'send' || deed.do === 'write';
    loop.runUntil(loop.now + (sends ? SETTLE_SEND_NS : SETTLE_CHANGE_NS));
    return { ...answer, frames: this.drain(), state: this.state() };
  }

  /** Time passes after a change that was no deed; what was seen meanwhile. */
  settle(): string[] {
    const { loop } = this.model;
    loop.runUntil(loop.now + SETTLE_CHANGE_NS);
    return this.drain();
  }

  private act(deed: Deed): { rc: number; words: string } {
    if (deed.do === 'netlink') return this.ask(deed.ns, unhex(deed.bytes));
    if (deed.do === 'member') return { rc: this.member(deed), words: '' };
    const dev = this.spaces[deed.ns].dev(deed.dev);
    if (dev === null) return { rc: ENODEV, words: '' };
    if (deed.do === 'send') return { rc: this.send(dev, deed.frames), words: '' };
    if (deed.do === 'file') return { rc: deed.open ? this.open(dev) : this.close(dev), words: '' };
    if (deed.do === 'write') return { rc: this.write(dev, deed.frames), words: '' };
    const rc = this.model.os.deviceGroup(this.spaces[deed.ns], deed.dev, deed.join, macOfText(deed.mac));
    return { rc: -rc, words: '' };
  }

  private ask(ns: number, bytes: Uint8Array): { rc: number; words: string } {
    const socket = this.sockets[ns];
    socket.send(bytes);
    let answer = { rc: -1, words: '' };
    for (let d = socket.recv(); d !== null; d = socket.recv()) {
      for (const msg of messages(d)) {
        if (msg.type !== NLMSG_ERROR) continue;
        const { errno, extack } = decodeAnswer(msg);
        answer = { rc: errno, words: extack.text ?? '' };
      }
    }
    return answer;
  }

  /** The errno of the last frame; they go out back to back. */
  private send(dev: NetDevice, frames: string[]): number {
    const socket = this.model.os.socket(dev.ns, 'packet', 0);
    if (typeof socket === 'number') return -socket;
    let rc = 0;
    for (const frame of frames) {
      rc = socket.sendTo(unhex(frame), { addr4: 0, port: 0, ifindex: dev.ifindex, protocol: 0, mac: 0 });
    }
    socket.close();
    return rc < 0 ? -rc : 0;
  }

  private member(deed: Extract<Deed, { do: 'member' }>): number {
    const six = deed.group.includes(':');
    const at = `${deed.ns}${six ? ' six' : ''}`;
    const socket = this.members.get(at) ?? this.model.os.socket(this.spaces[deed.ns], six ? 'udp6' : 'udp4', 0);
    if (typeof socket === 'number') return -socket;
    this.members.set(at, socket);
    const how = deed.join ? 'ADD_MEMBERSHIP' : 'DROP_MEMBERSHIP';
    if (six) return -socket.setOption(`IPV6_${how}`, deed.index, 0, in6(deed.group));
    return -socket.setOption(`IP_${how}`, parseIp4(deed.group) as number, deed.index);
  }

  /** Which device it is, whatever it is called; -1: none. */
  private idOf(dev: NetDevice | null): number {
    if (dev === null) return -1;
    const id = this.ids.get(dev) ?? this.ids.size;
    this.ids.set(dev, id);
    return id;
  }

  private open(dev: NetDevice): number {
    const file = this.model.os.openTap(dev.ns, dev.ifindex);
    if (typeof file === 'number') return -file;
    this.files.set(this.idOf(dev), file);
    return 0;
  }

  private close(dev: NetDevice): number {
    const file = this.files.get(this.idOf(dev));
    if (file === undefined) return ENODEV;
    file.close();
    this.files.delete(this.idOf(dev));
    return 0;
  }

  private write(dev: NetDevice, frames: string[]): number {
    const file = this.files.get(this.idOf(dev));
    if (file === undefined) return ENODEV;
    let rc = 0;
    for (const frame of frames) rc = file.write(unhex(`${NO_OFFLOAD}${frame}`));
    return rc < 0 ? -rc : 0;
  }

  private drain(): string[] {
    const out: string[] = [];
    for (const file of this.files.values()) {
      for (let d = file.read(); typeof d !== 'number'; d = file.read()) {
        const header = hex(d.subarray(0, NO_OFFLOAD.length / 2));
        const line = frameLine(file.dev.name, KINDS.indexOf('READ'), d.subarray(NO_OFFLOAD.length / 2), -1);
        out.push(header === NO_OFFLOAD ? line : `${line} header ${header}`);
      }
    }
    this.taps.forEach((tap, i) => {
      for (let m = tap.recv(); m !== null; m = tap.recv()) {
        const dev = this.spaces[i].devByIndex(m.from.ifindex);
        out.push(frameLine(dev?.name ?? '?', m.pktType, m.data, m.vlanTci));
      }
    });
    return out;
  }

  private dump(ns: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    const socket = this.sockets[ns];
    while (socket.recv() !== null);
    socket.send(encodeMessage(LINK, { type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP, seq: 1 }, {}, {}));
    for (let d = socket.recv(); d !== null; d = socket.recv()) out.push(d);
    return out;
  }

  private state(): string[] {
    return this.spaces.flatMap((_, i) => linkLines(this.lab.spaces[i], this.dump(i), this.known));
  }

  indexes(): number[][] {
    return this.spaces.map((ns) => ns.devices().map((dev) => dev.ifindex));
  }

  links(): Run['links'] {
    return Object.assign(
      {},
      ...this.spaces.map((_, i) => attributesOf(this.lab.spaces[i], this.dump(i))),
    ) as Run['links'];
  }

  /** Takes the lab down and asks the checkers. */
  end(): string[] {
    const { loop } = this.model;
    loop.runUntil(loop.now + SETTLE_CHANGE_NS);
    const before = this.checkers.verify();
    for (const socket of [...this.taps, ...this.members.values(), ...this.files.values()]) socket.close();
    for (const socket of this.sockets) socket.close();
    this.model.close();
    loop.runUntil(loop.now + 100e9);
    const after = this.checkers.verifyEmpty();
    this.checkers.detach();
    return [...new Set([...before, ...after])];
  }
}

/** An address that the model made up is not the one that the live kernel makes up: then it is one that nobody has. */
function ownAddress(dev: NetDevice | null): string {
  const own = formatMac(dev?.addr ?? 0);
  return own.startsWith(OURS) ? own : NOBODY;
}
