// otool.c of the oracle, against the model: who receives which raw frame (l2matrix), whether unicast overtakes broadcast
// (l2order), many UDP flows, a UDP flood with a histogram of errnos, and a TCP transfer. It prints what otool.c prints.

import type { Model } from '../../src/lab/model.ts';
import type { NsRef, Socket, StreamSocket } from '../../src/lab/os.ts';
import type { NetDevice } from '../../src/net/netdev.ts';
import type { NetNs } from '../../src/net/netns.ts';
import {
  address,
  connectStream,
  EAGAIN,
  openStream,
  readExactly,
  Writable,
  writeAll,
} from '../../src/shell/commands/sockets.ts';
import type { Command, Proc } from '../../src/shell/process.ts';
import { errnoName } from '../../src/uapi/errno.ts';

const GROUP = 0x01005e010203;
const NOBODY = 0x02deaddead01;
const BROADCAST = 0xffffffffffff;
/** What one sendto() takes the sender, still half of what a frame takes the line. The guest's takes 30 us: the same signs. */
const CALL_NS = 400_000;
/** One that blocks is bounded by the line, so that the guest's own time costs nothing here, and fills its buffer at once. */
const BLOCKING_CALL_NS = 30_000;
/** What a write of 64 KB takes where no line limits a transfer (the large ones): some 50 Mbit/s. The guest makes 200. */
const WRITE_NS = 10e6;
const LARGE = 10e6;
/** Between two frames of a burst: many before the work queue of broadcasts runs, as in the guest. */
const BURST_NS = 200;

interface Node {
  name: string;
  dev: NetDevice;
  socket: Socket;
}

export function otool(model: Model): Command {
  const run = async (proc: Proc): Promise<number> => {
    const [what, ...args] = proc.argv;
    switch (what) {
      case 'l2matrix':
        return l2matrix(model, proc, args);
      case 'l2order':
        return l2order(model, proc, args);
      case 'flows':
        return flows(proc, args);
      case 'flood':
        return flood(proc, args);
      case 'urecv':
        return urecv(proc, args);
      case 'tcpsrv':
        return tcpsrv(proc, args);
      case 'tcpcli':
        return tcpcli(proc, args);
      default:
        return 2;
    }
  };
  return { name: 'otool', summary: 'probes of the oracle', run };
}

function nodeOf(model: Model, spec: string, protocol: number): Node {
  const [name, where] = spec.split('=');
  const [nsName, ifname] = where.split(',');
  const ns: NsRef = nsName === '-' ? model.os.initNs : (model.os.nsByName(nsName) as NsRef);
  const dev = (ns as NetNs).dev(ifname) as NetDevice;
  const socket = model.os.socket(ns, 'packet', protocol) as Socket;
  socket.setOption('SO_RCVBUF', 4 << 20);
  return { name, dev, socket };
}

function frame(dst: number, src: number, type: number, tags: readonly number[]): Uint8Array {
  const f = new Uint8Array(60);
  const v = new DataView(f.buffer);
  for (const [at, mac] of [
    [0, dst],
    [6, src],
  ]) {
    v.setUint16(at, Math.floor(mac / 0x100000000));
    v.setUint32(at + 2, mac % 0x100000000);
  }
  v.setUint16(12, type);
  f.set(tags, 14);
  return f;
}

async function l2matrix(model: Model, proc: Proc, args: readonly string[]): Promise<number> {
  const copies = Number(args[0]);
  const nodes = args.slice(1).map((spec) => nodeOf(model, spec, 0x88b5));
  for (const { dev } of nodes) {
    dev.mc.add(GROUP);
    dev.core.setRxMode(dev);
  }
  await proc.sleep(50e6);
  const names = [...nodes.map((n) => n.name), 'BCAST', 'MCAST', 'UNKNOWN'];
  const macs = [...nodes.map((n) => n.dev.addr), BROADCAST, GROUP, NOBODY];
  for (const [s, from] of nodes.entries()) {
    for (const [d, mac] of macs.entries()) {
      for (let k = 0; k < copies; k++) {
        const to = { addr4: 0, port: 0, ifindex: from.dev.ifindex, protocol: 0x88b5, mac };
        const rc = from.socket.sendTo(frame(mac, from.dev.addr, 0x88b5, [s, d, k]), to);
        if (rc < 0) proc.out(`send ${from.name} err ${errnoName(-rc)}\n`);
        if (k === 0 && d % 2 === 1) await proc.sleep(2e6);
      }
    }
  }
  await proc.sleep(250e6);
  const got = new Map<string, number>();
  for (const node of nodes) {
    for (let m = node.socket.recv(); m !== null; m = node.socket.recv()) {
      if (m.from.ifindex !== node.dev.ifindex || m.pktType === 4) continue;
      const who = m.pktType === 3 ? `${node.name}(otherhost)` : node.name;
      const key = `${m.data[14]} ${m.data[15]} ${who}`;
      got.set(key, (got.get(key) ?? 0) + 1);
    }
  }
  for (const [s, from] of nodes.entries()) {
    for (const [d, name] of names.entries()) {
      let line = `M ${from.name}>${name}:`;
      for (const node of nodes) {
        for (const who of [node.name, `${node.name}(otherhost)`]) {
          const n = got.get(`${s} ${d} ${who}`);
          if (n !== undefined) line += ` ${who}=${n / copies}`;
        }
      }
      proc.out(`${line.endsWith(':') ? `${line} -` : line}\n`);
    }
  }
  for (const { dev, socket } of nodes) {
    socket.close();
    dev.mc.del(GROUP);
    dev.core.setRxMode(dev);
  }
  return 0;
}

async function l2order(model: Model, proc: Proc, args: readonly string[]): Promise<number> {
  const pairs = Number(args[0]);
  const gapUs = Number(args[3] ?? 0);
  const from = nodeOf(model, args[1], 0);
  const to = nodeOf(model, args[2], 0x88b6);
  to.socket.setOption('SO_RCVBUF', 16 << 20);
  for (let k = 0; k < pairs; k++) {
    for (const [tag, mac] of [
      [0, BROADCAST],
      [1, to.dev.addr],
    ]) {
      const f = frame(mac, from.dev.addr, 0x88b6, [tag, 0]);
      new DataView(f.buffer).setInt32(16, k, true);
      from.socket.sendTo(f, { addr4: 0, port: 0, ifindex: from.dev.ifindex, protocol: 0x88b6, mac });
      await proc.sleep(gapUs > 0 ? gapUs * 1000 : BURST_NS);
    }
  }
  await proc.sleep(300e6);
  let last = -1;
  const n = { b: 0, u: 0, over: 0, lag: 0 };
  for (let m = to.socket.recv(); m !== null; m = to.socket.recv()) {
    if (m.from.ifindex !== to.dev.ifindex) continue;
    const k = new DataView(m.data.buffer, m.data.byteOffset).getInt32(16, true);
    if (m.data[14] === 0) {
      n.b++;
      last = k;
    } else {
      n.u++;
      if (last < k) {
        n.over++;
        n.lag = Math.max(n.lag, k - last);
      }
    }
  }
  proc.out(
    `l2order pairs=${pairs} bcast_received=${n.b} unicast_received=${n.u} unicast_overtook_its_bcast=${n.over} max_lag=${n.lag}\n`,
  );
  from.socket.close();
  to.socket.close();
  return 0;
}

const ipOf = (text: string): number => text.split('.').reduce((n, part) => n * 256 + Number(part), 0);

async function flows(proc: Proc, args: readonly string[]): Promise<number> {
  const to = address(ipOf(args[0]), Number(args[1]));
  const [count, packets] = [Number(args[2]), Number(args[3])];
  let errors = 0;
  for (let i = 0; i < count; i++) {
    const s = proc.os.socket(proc.ns, 'udp4', 0) as Socket;
    s.bind(address(0, 20000 + i));
    if ((args[4] ?? '').includes('c')) s.connect(to);
    for (let j = 0; j < packets; j++) {
      if (s.sendTo(new Uint8Array(100), to) < 0) errors++;
      await proc.sleep(1000);
    }
    s.close();
  }
  proc.out(`flows n=${count} pkts=${packets} errors=${errors}\n`);
  return 0;
}

async function flood(proc: Proc, args: readonly string[]): Promise<number> {
  const to = address(ipOf(args[0]), Number(args[1]));
  const data = new Uint8Array(Number(args[2]));
  const flags = args[4] ?? '';
  const s = proc.os.socket(proc.ns, 'udp4', 0) as Socket;
  if (flags.includes('e')) s.setOption('IP_RECVERR', 1);
  if (args[5] !== undefined) s.setOption('SO_SNDBUF', Number(args[5]));
  if (flags.includes('c')) s.connect(to);
  const startNs = proc.os.nowNs();
  const endNs = startNs + Number(args[3]) * 1e9;
  const counts = new Map<number, number>();
  let [calls, ok, first, blockedNs] = [0, 0, '', 0];
  while (proc.os.nowNs() < endNs) {
    const rc = s.sendTo(data, flags.includes('c') ? null : to);
    if (rc === -EAGAIN && !flags.includes('n')) {
      const beforeNs = proc.os.nowNs();
      await proc.waitReadable([new Writable(s)], endNs - beforeNs);
      blockedNs += proc.os.nowNs() - beforeNs;
      continue;
    }
    if (rc < 0) {
      counts.set(-rc, (counts.get(-rc) ?? 0) + 1);
      if (first === '') first = `${calls}(${errnoName(-rc)})`;
    } else ok++;
    calls++;
    await proc.sleep(
      flags.includes('s') ? 5e6 : rc === -EAGAIN ? 200_000 : blockedNs > 0 && rc >= 0 ? BLOCKING_CALL_NS : CALL_NS,
    );
  }
  s.close();
  let line = `flood calls=${calls} ok=${ok}`;
  for (const [errno, n] of [...counts].sort((a, b) => a[0] - b[0])) line += ` ${errnoName(errno)}=${n}`;
  if (first !== '') line += ` first_error_call=${first}`;
  const elapsed = (proc.os.nowNs() - startNs) / 1e9;
  proc.out(`${line} elapsed=${elapsed.toFixed(2)} blocked_s=${(blockedNs / 1e9).toFixed(2)}\n`);
  return 0;
}

async function urecv(proc: Proc, args: readonly string[]): Promise<number> {
  const s = proc.os.socket(proc.ns, 'udp4', 0) as Socket;
  s.setOption('SO_RCVBUF', 8 << 20);
  s.bind(address(0, Number(args[0])));
  const endNs = proc.os.nowNs() + Number(args[1]) * 1e9;
  let [n, bytes] = [0, 0];
  for (;;) {
    for (let m = s.recv(); m !== null; m = s.recv()) {
      n++;
      bytes += m.data.length;
    }
    const left = endNs - proc.os.nowNs();
    if (left <= 0 || (await proc.waitReadable([s], left)) === null) break;
  }
  proc.out(`urecv n=${n} bytes=${bytes}\n`);
  s.close();
  return 0;
}

async function tcpsrv(proc: Proc, args: readonly string[]): Promise<number> {
  const s = openStream(proc) as StreamSocket;
  s.setOption('SO_REUSEADDR', 1);
  s.bind(address(0, Number(args[0])));
  s.listen(8);
  let c = s.accept();
  if (typeof c === 'number') {
    await proc.waitReadable([s], 20e9);
    c = s.accept();
  }
  if (typeof c === 'number') {
    proc.out('tcpsrv no connection\n');
    s.close();
    return 1;
  }
  const got = await drain(proc, c);
  if (!got.failed) {
    const total = new Uint8Array(8);
    new DataView(total.buffer).setBigUint64(0, BigInt(got.bytes), true);
    await writeAll(proc, c, total);
  }
  c.close();
  s.close();
  proc.out(`tcpsrv bytes=${got.bytes} bad=${got.bad} end=${got.failed ? 'error' : 'eof'}\n`);
  return 0;
}

async function drain(proc: Proc, c: StreamSocket): Promise<{ bytes: number; bad: number; failed: boolean }> {
  let [n, bad] = [0, 0];
  for (;;) {
    const got = await readExactly(proc, c, 65536);
    if (typeof got === 'number') return { bytes: n, bad, failed: true };
    const want = pattern(n, got.length);
    for (let i = 0; i < got.length; i++) if (got[i] !== want[i]) bad++;
    n += got.length;
    if (got.length < 65536) return { bytes: n, bad, failed: false };
  }
}

/** What a transfer carries from byte `at` on; it repeats after 2048 bytes. */
const pattern = (at: number, length: number): Uint8Array => PATTERN.subarray(at % 2048, (at % 2048) + length);
const PATTERN = Uint8Array.from({ length: 65536 + 2048 }, (_, i) => ((i * 31) >> 3) & 255);

async function tcpcli(proc: Proc, args: readonly string[]): Promise<number> {
  const s = openStream(proc) as StreamSocket;
  const want = Number(args[2]);
  const limitNs = Number(args[3]) * 1e9;
  const startNs = proc.os.nowNs();
  const err = await connectStream(proc, s, address(ipOf(args[0]), Number(args[1])), 10e9);
  if (err !== 0) {
    proc.out(`tcpcli connect=${err === 110 ? 'timeout' : errnoName(err)}\n`);
    s.close();
    return 1;
  }
  const connectNs = proc.os.nowNs() - startNs;
  let n = 0;
  while (n < want && proc.os.nowNs() - startNs < limitNs) {
    const m = Math.min(65536, want - n);
    const rc = s.send(pattern(n, m));
    if (rc === -EAGAIN) await proc.waitReadable([new Writable(s)], 200e6);
    else if (rc < 0) break;
    else {
      n += rc;
      if (want > LARGE) await proc.sleep((WRITE_NS * rc) / 65536);
    }
  }
  s.shutdown(1);
  const leftNs = Math.max(1e9, limitNs - (proc.os.nowNs() - startNs));
  const total = await acknowledged(proc, s, proc.os.nowNs() + leftNs);
  const seconds = (proc.os.nowNs() - startNs) / 1e9;
  const info = s.info();
  s.close();
  proc.out(
    `tcpcli wrote=${n} acked_by_peer=${total} err=none connect_s=${(connectNs / 1e9).toFixed(3)} elapsed=${seconds.toFixed(2)} kbit/s=${Math.round((total * 8) / seconds / 1000)} retrans=${info.totalRetrans} rto_us=0\n`,
  );
  return 0;
}

/** How many bytes the server says that it got; 0 when it says nothing until `endNs`. A wake-up need not mean data. */
async function acknowledged(proc: Proc, s: StreamSocket, endNs: number): Promise<number> {
  for (;;) {
    const answer = s.read(8);
    if (typeof answer !== 'number') {
      if (answer.length < 8) return 0;
      return Number(new DataView(answer.buffer, answer.byteOffset).getBigUint64(0, true));
    }
    const left = endNs - proc.os.nowNs();
    if (answer !== -EAGAIN || left <= 0 || (await proc.waitReadable([s], left)) === null) return 0;
  }
}
