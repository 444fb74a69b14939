// For TCP's own tests: two hosts on a cable that may lose, repeat and delay frames, programs that pour bytes into a
// connection and check what comes out, and the segments as tcpdump would write them. Only tests import it.

import { F_GSO, F_HW_CSUM, F_SG, F_TSO } from '../net/features.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { s32 } from './ipaddr.ts';
import { openSocket } from './socket-api.ts';
import type { SockAddr } from './socket-types.ts';
import { inetNs } from './state.ts';
import { TcpSocket } from './tcp-socket.ts';
import { addr, cable, makeKernel, up } from './testing.ts';

export const at = (addr4: number, port: number): SockAddr => ({ addr4, port, ifindex: 0, protocol: 0, mac: 0 });
export const A = 0x0a000001;
export const B = 0x0a000002;

export interface Weather {
  /** In 1000 frames. */
  loss: number;
  repeat: number;
  /** Frames that take up to `lateNs` longer. */
  late: number;
  lateNs: number;
}

export interface TcpLab {
  kernel: Kernel;
  a: NetNs;
  b: NetNs;
  v0: NetDevice;
  v1: NetDevice;
  /** Lets `s` seconds pass. */
  wait(s: number): void;
  socket(ns: NetNs): TcpSocket;
}

export function tcpLab(seed = 1, delayNs = 50_000, tso = true): TcpLab {
  const kernel = makeKernel(seed);
  const a = kernel.createNs('a');
  const b = kernel.createNs('b');
  const [v0, v1] = cable(a, 'v0', b, 'v1', delayNs);
  for (const dev of [v0, v1]) dev.features = F_HW_CSUM | F_SG | F_GSO | (tso ? F_TSO : 0n);
  for (const dev of [v0, v1, a.dev('lo'), b.dev('lo')]) up(dev as NetDevice);
  addr(v0, '10.0.0.1/24');
  addr(v1, '10.0.0.2/24');
  return {
    kernel,
    a,
    b,
    v0,
    v1,
    wait: (s) => kernel.loop.runUntil(kernel.loop.now + Math.round(s * 1e9)),
    socket: (ns) => openSocket(kernel, ns, 'tcp4', 0) as TcpSocket,
  };
}

/** From now on frames that leave `dev` meet this weather. */
export function weather(dev: NetDevice, w: Weather): void {
  const { kernel } = dev.core;
  const chance = kernel.stream(`weather:${dev.ns.label}/${dev.name}`);
  const send = dev.startXmit;
  dev.startXmit = (skb, d) => {
    if (chance.chance(w.loss, 1000)) {
      skb.slabs.free(skb, 18);
      return 0;
    }
    if (chance.chance(w.repeat, 1000)) send(skb.slabs.clone(skb), d);
    if (chance.chance(w.late, 1000)) {
      kernel.loop.post(chance.below(w.lateNs), (x: typeof skb) => void send(x, d), skb, 0);
      return 0;
    }
    return send(skb, d);
  };
}

/** A connected pair: what connect() and accept() gave. */
export function connectPair(lab: TcpLab, port = 5000): { client: TcpSocket; server: TcpSocket; listener: TcpSocket } {
  const listener = lab.socket(lab.b);
  listener.setOption('SO_REUSEADDR', 1);
  if (listener.bind(at(0, port)) !== 0 || listener.listen(10) !== 0) throw new Error('listen failed');
  const client = lab.socket(lab.a);
  client.connect(at(B, port));
  for (let i = 0; i < 200; i++) {
    lab.wait(0.1);
    const server = listener.accept();
    if (server instanceof TcpSocket) return { client, server, listener };
  }
  throw new Error('no connection');
}

/** The n-th byte of the stream that everybody sends. */
const byteOf = (n: number): number => (Math.imul(n, 0x9e3779b1) >>> 24) & 255;

/** Writes `total` bytes, then shuts down or closes. */
export class Pourer {
  done = 0;
  finished = false;
  error = 0;
  readonly s: TcpSocket;
  readonly total: number;
  readonly chunk: number;
  readonly after: 'shutdown' | 'close' | 'nothing';

  constructor(s: TcpSocket, total: number, chunk: number, after: 'shutdown' | 'close' | 'nothing') {
    this.s = s;
    this.total = total;
    this.chunk = chunk;
    this.after = after;
    s.onWritable = () => this.run();
    this.run();
  }

  run(): void {
    while (this.done < this.total && this.error === 0) {
      const n = Math.min(this.chunk, this.total - this.done);
      const data = new Uint8Array(n);
      for (let i = 0; i < n; i++) data[i] = byteOf(this.done + i);
      const rc = this.s.send(data);
      if (rc === -11) return;
      if (rc < 0) this.error = rc;
      else this.done += rc;
    }
    if (this.finished) return;
    this.finished = true;
    if (this.after === 'shutdown') this.s.shutdown(1);
    else if (this.after === 'close') this.s.close();
  }
}

/** Reads and checks; notes the end of the stream. */
export class Drinker {
  got = 0;
  wrong = -1;
  eof = false;
  error = 0;
  readonly s: TcpSocket;

  constructor(s: TcpSocket) {
    this.s = s;
    s.onReadable = () => this.run();
    this.run();
  }

  run(): void {
    while (!this.eof && this.error === 0) {
      const data = this.s.read(30_000);
      if (typeof data === 'number') {
        if (data !== -11) this.error = data;
        return;
      }
      if (data.length === 0) this.eof = true;
      for (let i = 0; i < data.length && this.wrong < 0; i++)
        if (data[i] !== byteOf(this.got + i)) this.wrong = this.got + i;
      this.got += data.length;
    }
  }
}

/** Segments that pass a device, relative to the first SYN of each side: `> S 0:0 ack 0 win 64240 <mss 1460,...>`. */
export function segments(dev: NetDevice): string[] {
  const lines: string[] = [];
  const base = new Map<string, number>();
  dev.taps.push({
    owner: lines,
    ignoreOutgoing: false,
    frame(skb, _dev, outgoing) {
      if (skb.pktType === 5 && !outgoing) return;
      const b = skb.bytes;
      const ip = skb.mac + 14;
      if (b[skb.mac + 12] !== 8 || b[skb.mac + 13] !== 0 || b[ip + 9] !== 6) return;
      const t = ip + 20;
      const flags = b[t + 13];
      const key = outgoing ? 'out' : 'in';
      const other = outgoing ? 'in' : 'out';
      const seq = s32(b, t + 4);
      if ((flags & 2) !== 0) base.set(key, seq);
      const hlen = (b[t + 12] >> 4) * 4;
      const len = (b[ip + 2] << 8) + b[ip + 3] - 20 - hlen;
      const from = (seq - (base.get(key) ?? seq)) | 0;
      const ack = (flags & 16) !== 0 ? ` ack ${(s32(b, t + 8) - (base.get(other) ?? 0)) | 0}` : '';
      const names = [
        [2, 'S'],
        [1, 'F'],
        [4, 'R'],
        [8, 'P'],
      ] as const;
      let f = names.map(([bit, name]) => ((flags & bit) !== 0 ? name : '')).join('');
      if ((flags & 16) !== 0) f += '.';
      lines.push(`${outgoing ? '>' : '<'} ${f} ${from}:${from + len}${ack}`);
    },
  });
  return lines;
}

/** Neither a frame, nor a byte, nor a socket is left. */
export function leftovers(lab: TcpLab): string[] {
  const out: string[] = [];
  if (lab.kernel.skbs.live > 0) out.push(`${lab.kernel.skbs.live} frames`);
  for (const ns of [lab.a, lab.b]) {
    const t = inetNs(ns).tcp;
    for (const e of t.connections()) out.push(`${ns.label}: a connection in state ${e.state}`);
    if (t.ports.size > 0) out.push(`${ns.label}: ports ${[...t.ports.keys()]}`);
    if (t.orphans !== 0 || t.timeWaits !== 0) out.push(`${ns.label}: ${t.orphans} orphans, ${t.timeWaits} waits`);
    if (t.stats.CurrEstab !== 0) out.push(`${ns.label}: CurrEstab ${t.stats.CurrEstab}`);
  }
  return out;
}
