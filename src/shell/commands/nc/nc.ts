// nc: connections from the command line. Behaves and speaks as netcat-openbsd; standard input is read whole before it
// begins, so it ends at once where a terminal would stay open. Linux tool: netcat-openbsd 1.219, netcat.c.

import type { SockAddr, Socket, StreamSocket } from '../../../lab/os.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { Command, Proc } from '../../process.ts';
import {
  anyAddress,
  connectStream,
  EAGAIN,
  ETIMEDOUT,
  endpointOf,
  familyOf,
  hostText,
  openDatagram,
  openStream,
  serviceName,
  servicePort,
  withPort,
} from '../sockets.ts';
import { die, NcExit, type NcOptions, parseNc } from './options.ts';
import { relay } from './relay.ts';

const EINPROGRESS = 115;

export const nc: Command = {
  name: 'nc',
  summary: 'arbitrary TCP and UDP connections and listens (netcat-openbsd)',
  async run(proc) {
    try {
      const o = parseNc(proc.argv);
      return o.listen ? await serve(proc, o) : await call(proc, o);
    } catch (e) {
      if (!(e instanceof NcExit)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

export const netcat: Command = { ...nc, name: 'netcat' };

/** 20, 20-25, http. */
function portsOf(text: string): number[] {
  const one = (t: string): number => {
    const service = servicePort(t);
    if (service !== null) return service;
    if (!/^[0-9]+$/.test(t)) return die(`port number invalid: ${t}`);
    const v = Number(t);
    if (v < 1) return die(`port number too small: ${t}`);
    return v > 65535 ? die(`port number too large: ${t}`) : v;
  };
  const range = /^([0-9]+)-([0-9]+)$/.exec(text);
  if (range === null) return [one(text)];
  const [low, high] = [one(range[1]), one(range[2])].sort((a, b) => a - b);
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

async function hostAddress(proc: Proc, o: NcOptions, name: string, port: string): Promise<SockAddr> {
  const found = await endpointOf(proc, name, o.family);
  return typeof found !== 'string' ? found : die(`getaddrinfo for host "${name}" port ${port}: ${found}`);
}

/** Options that both sides take, before the socket is used. */
async function prepare(proc: Proc, o: NcOptions, socket: Socket, family: 4 | 6): Promise<void> {
  if (o.rcvbuf > 0) socket.setOption('SO_RCVBUF', o.rcvbuf);
  if (o.sndbuf > 0) socket.setOption('SO_SNDBUF', o.sndbuf);
  if (o.ttl >= 0 && socket.setOption('IP_TTL', o.ttl) < 0) die('set IP TTL: Invalid argument');
  if (o.tos >= 0) socket.setOption('IP_TOS', o.tos);
  if (o.listen || (o.source === null && o.sourcePort === null)) return;
  const from = o.source === null ? anyAddress(family) : await hostAddress(proc, o, o.source, o.sourcePort ?? '0');
  socket.setOption('SO_REUSEADDR', 1);
  const port = o.sourcePort === null ? 0 : portsOf(o.sourcePort)[0];
  const rc = socket.bind(withPort(from, port));
  if (rc < 0) die(`bind failed: ${strerror(-rc)}`);
}

async function call(proc: Proc, o: NcOptions): Promise<number> {
  const host = o.host as string;
  let code = 1;
  for (const port of portsOf(o.ports as string)) {
    const to = withPort(await hostAddress(proc, o, host, String(port)), port);
    const ok = o.udp ? await callUdp(proc, o, host, to) : await callTcp(proc, o, host, to);
    if (ok) code = 0;
  }
  return code;
}

async function callTcp(proc: Proc, o: NcOptions, host: string, to: SockAddr): Promise<boolean> {
  const socket = openStream(proc, familyOf(to));
  if (typeof socket === 'number') return die(`socket: ${strerror(-socket)}`);
  try {
    await prepare(proc, o, socket, familyOf(to));
    const err = await connectStream(proc, socket, to, o.timeoutS >= 0 ? o.timeoutS * 1e9 : -1);
    if (err !== 0) {
      const timedOut = err === ETIMEDOUT && o.timeoutS >= 0;
      const how = timedOut ? `timed out: ${strerror(EINPROGRESS)}` : `failed: ${strerror(err)}`;
      if (o.verbose) proc.err(`nc: connect to ${host} port ${to.port} (tcp) ${how}\n`);
      return false;
    }
    if (o.verbose) connected(proc, o, host, to.port, 'tcp');
    if (!o.scan) await relay(proc, o, socket);
    return true;
  } finally {
    socket.close();
  }
}

function connected(proc: Proc, o: NcOptions, host: string, port: number, proto: string): void {
  const service = o.numeric ? null : serviceName(port);
  proc.err(`Connection to ${host} ${port} port [${proto}/${service ?? '*'}] succeeded!\n`);
}

async function callUdp(proc: Proc, o: NcOptions, host: string, to: SockAddr): Promise<boolean> {
  const socket = openDatagram(proc, familyOf(to));
  if (typeof socket === 'number') return die(`socket: ${strerror(-socket)}`);
  try {
    await prepare(proc, o, socket, familyOf(to));
    const rc = socket.connect(to);
    if (rc < 0) {
      if (o.verbose) proc.err(`nc: connect to ${host} port ${to.port} (udp) failed: ${strerror(-rc)}\n`);
      return false;
    }
    if ((o.verbose || o.scan) && !(await udpTest(proc, o, socket))) return false;
    if (o.verbose) connected(proc, o, host, to.port, 'udp');
    if (!o.scan) await relay(proc, o, socket);
    return true;
  } finally {
    socket.close();
  }
}

/** Is anybody there? A refusal comes back as an ICMP error. Linux tool: udptest(). */
async function udpTest(proc: Proc, o: NcOptions, socket: Socket): Promise<boolean> {
  const x = new Uint8Array([88]);
  for (let i = 0; i <= 3; i++) {
    if (socket.sendTo(x, null) < 0 || socket.takeError() !== 0) return false;
    if (i < 3 || o.scan) await proc.sleep(i === 0 ? 1e6 : o.scan ? 1e9 / 3 : 1e5);
  }
  return socket.takeError() === 0;
}

async function serve(proc: Proc, o: NcOptions): Promise<number> {
  const [port] = portsOf(o.ports as string);
  const host = o.host === null ? anyAddress(o.family === 6 ? 6 : 4) : await hostAddress(proc, o, o.host, String(port));
  if (o.udp) return serveUdp(proc, o, host, port);
  const listener = openStream(proc, familyOf(host));
  if (typeof listener === 'number') return die(`socket: ${strerror(-listener)}`);
  try {
    await prepare(proc, o, listener, familyOf(host));
    listener.setOption('SO_REUSEADDR', 1);
    const bound = listener.bind(withPort(host, port));
    const rc = bound < 0 ? bound : listener.listen(1);
    if (rc < 0) die(strerror(-rc));
    if (o.verbose) proc.err(`Listening on ${hostText(host)} ${port}\n`);
    do {
      const peer = await nextConnection(proc, o, listener);
      if (peer === null) return 1;
      const name = peer.peerName();
      if (o.verbose && name !== null) proc.err(`Connection received on ${hostText(name)} ${name.port}\n`);
      try {
        await relay(proc, o, peer);
      } finally {
        peer.close();
      }
    } while (o.keep);
    return 0;
  } finally {
    listener.close();
  }
}

async function nextConnection(proc: Proc, o: NcOptions, listener: StreamSocket): Promise<StreamSocket | null> {
  const untilNs = o.timeoutS >= 0 && !o.keep ? proc.os.nowNs() + o.timeoutS * 1e9 : -1;
  for (;;) {
    const got = listener.accept();
    if (typeof got !== 'number') return got;
    if (got !== -EAGAIN) return die(`accept: ${strerror(-got)}`);
    const left = untilNs < 0 ? -1 : untilNs - proc.os.nowNs();
    if (untilNs >= 0 && left <= 0) return null;
    await proc.waitReadable([listener], left);
  }
}

async function serveUdp(proc: Proc, o: NcOptions, host: SockAddr, port: number): Promise<number> {
  for (;;) {
    const socket = openDatagram(proc, familyOf(host));
    if (typeof socket === 'number') return die(`socket: ${strerror(-socket)}`);
    try {
      await prepare(proc, o, socket, familyOf(host));
      const rc = socket.bind(withPort(host, port));
      if (rc < 0) die(strerror(-rc));
      if (o.verbose) proc.err(`Bound on ${hostText(host)} ${port}\n`);
      let first = socket.recv();
      while (first === null) {
        await proc.waitReadable([socket], -1);
        first = socket.recv();
      }
      if (!o.keep) socket.connect(first.from);
      if (o.verbose) proc.err(`Connection received on ${hostText(first.from)} ${first.from.port}\n`);
      proc.outBytes(first.data);
      await relay(proc, o, socket);
      if (!o.keep) return 0;
    } finally {
      socket.close();
    }
  }
}
