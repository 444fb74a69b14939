// One arm: a scenario on the model kernel, step by step through the shell that scripts use, with a watcher in every
// namespace. What it gives is what guest.py writes.

import { NodeHost } from '../../src/cli/host.ts';
import type { Tap as OpenTap } from '../../src/drivers/macvtap/tap.ts';
import { checkKernel } from '../../src/lab/checkers.ts';
import { createModel, type Model } from '../../src/lab/model.ts';
import type { NetDevice, Tap } from '../../src/net/netdev.ts';
import type { NetNs } from '../../src/net/netns.ts';
import { PKT_OUTGOING, type Skb } from '../../src/net/skb.ts';
import { Session } from '../../src/shell/session.ts';
import { strerror } from '../../src/uapi/errno.ts';
import { parseMac } from '../../src/uapi/format.ts';

const KINDS = ['HOST', 'BROADCAST', 'MULTICAST', 'OTHERHOST', 'OUT', 'LOOPBACK'];
const SETTLE_NS = 50e6;
/** A sender's own softirqs run before the next step. */
const SEND_NS = 1e6;

/** Without the zeros at the end. */
function hexOf(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Array.from(bytes.subarray(0, end), (b) => b.toString(16).padStart(2, '0')).join('');
}

const unhex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (b) => Number.parseInt(b, 16));

class Watcher implements Tap {
  readonly owner = this;
  readonly ignoreOutgoing = false;
  readonly lines: string[] = [];

  frame(skb: Skb, dev: NetDevice, outgoing: boolean): void {
    if (dev.name === 'lo') return;
    const from = outgoing ? skb.off : skb.mac;
    const bytes = skb.bytes.subarray(from, skb.off + skb.len);
    const hex = hexOf(bytes.subarray(0, 64));
    const x4 = (n: number): string => n.toString(16).padStart(4, '0');
    const tag = skb.vlanProto === 0 ? '' : ` tag ${x4(skb.vlanProto)}:${x4(skb.vlanTci)}`;
    this.lines.push(`${dev.label} ${KINDS[outgoing ? PKT_OUTGOING : skb.pktType]} ${bytes.length} ${hex}${tag}`);
  }
}

/** Runs a scenario; the record, and what the checkers say. */
export async function runModel(steps: readonly string[]): Promise<{ text: string; complaints: string[] }> {
  const model = createModel({ seed: 1 });
  const checkers = checkKernel(model.kernel);
  const watchers = new Map<NetNs, Watcher>();
  const arm = new Arm(model, watchers);
  let text = '';
  for (const step of steps) {
    text += `$ ${step}\n${await arm.run(step)}`;
    arm.watch();
  }
  arm.close();
  return { text, complaints: checkers.verifyEmpty() };
}

class Arm {
  private readonly model: Model;
  private readonly watchers: Map<NetNs, Watcher>;
  private readonly out = { out: '', err: '' };
  private readonly session: Session;
  private readonly taps = new Map<string, OpenTap>();

  constructor(model: Model, watchers: Map<NetNs, Watcher>) {
    this.model = model;
    this.watchers = watchers;
    const { out } = this;
    const write = (stream: 'out' | 'err', text: string): void => {
      out[stream] += text;
    };
    const terminal = { isTty: false, columns: 80, write, writeBytes: write };
    const host = new NodeHost(false, false);
    this.session = new Session({ kernel: model, terminal, host, seed: 1, name: 'sh' });
    model.os.nsOfPid = (pid) => this.session.computer.nsOfPid(pid);
    this.watch();
  }

  watch(): void {
    for (const ns of this.model.kernel.namespaces) {
      if (this.watchers.has(ns)) continue;
      for (const of of ['all', 'default'])
        this.model.os.writeFile(ns, `/proc/sys/net/ipv6/conf/${of}/disable_ipv6`, '1');
      const watcher = new Watcher();
      ns.taps.push(watcher);
      this.watchers.set(ns, watcher);
    }
  }

  async run(step: string): Promise<string> {
    const words = step.split(' ');
    if (words[0] === 'frames') return this.frames();
    if (words[0] === 'tap') return this.tap(words.slice(1));
    if (words[0] === 'group') return this.group(words[1], words[2]);
    if (words[0] === 'send') return this.send(words[1], words[2]);
    this.out.out = '';
    this.out.err = '';
    const { exitCode } = await this.session.runLine(step);
    const { out, err } = this.out;
    const said = out === '' || out.endsWith('\n') ? out : `${out}\n`;
    const complaint = err === '' ? '' : err.replace(/\n$/, '').replace(/^/gm, '! ').concat('\n');
    return `${said}${complaint}${exitCode === 0 ? '' : `? ${exitCode}\n`}`;
  }

  private frames(): string {
    const { namespaces } = this.model.kernel;
    this.pass(SETTLE_NS);
    const all = [...namespaces].sort((a, b) => (a.label < b.label ? -1 : 1));
    return all
      .flatMap((ns) => this.watchers.get(ns)?.lines.splice(0) ?? [])
      .map((l) => `${l}\n`)
      .join('');
  }

  private pass(ns: number): void {
    const { loop } = this.model.kernel;
    loop.runUntil(loop.now + ns);
  }

  /** `[NS/]DEV`. */
  private device(where: string): NetDevice | null {
    const slash = where.lastIndexOf('/');
    const { os } = this.model;
    const ns = slash < 0 ? os.initNs : os.nsByName(where.slice(0, slash));
    return ns?.dev(where.slice(slash + 1)) ?? null;
  }

  private tap([what, name, arg]: string[]): string {
    const { os } = this.model;
    const said = (rc: number): string => (rc < 0 ? `tap: ${strerror(-rc)}\n` : '');
    if (what === 'open') {
      const tap = os.openTap(os.initNs, os.initNs.dev(name)?.ifindex ?? 0);
      if (typeof tap === 'number') return said(tap);
      this.taps.set(name, tap);
      return '';
    }
    const tap = this.taps.get(name) as OpenTap;
    if (what === 'flags') return said(tap.setFlags(Number.parseInt(arg, 16)));
    if (what === 'header') return said(tap.setHeaderSize(Number(arg)));
    if (what === 'close') {
      tap.close();
      return '';
    }
    if (what === 'write') {
      const rc = tap.write(unhex(arg));
      this.pass(SEND_NS);
      return rc < 0 ? said(rc) : `${rc}\n`;
    }
    const got = tap.read();
    return typeof got === 'number' ? said(got) : `${hexOf(got.subarray(0, 90))}\n`;
  }

  private group(where: string, mac: string): string {
    const dev = this.device(where);
    if (dev === null) return `group: ${strerror(19)}\n`;
    dev.mc.add(parseMac(mac) as number);
    dev.core.setRxMode(dev);
    return '';
  }

  private send(where: string, hex: string): string {
    const { os } = this.model;
    const dev = this.device(where);
    const ns = dev?.ns ?? null;
    if (ns === null || dev === null) return `send: ${strerror(19)}\n`;
    const given = unhex(hex);
    const frame = new Uint8Array(Math.max(60, given.length));
    frame.set(given);
    const socket = os.socket(ns, 'packet', 0);
    if (typeof socket === 'number') return `send: ${strerror(-socket)}\n`;
    const rc = socket.sendTo(frame, { addr4: 0, port: 0, ifindex: dev.ifindex, protocol: 0, mac: 0 });
    socket.close();
    this.pass(SEND_NS);
    return rc < 0 ? `send: ${strerror(-rc)}\n` : '';
  }

  close(): void {
    this.model.close();
  }
}
