// Connections for commands: waiting until one may be written, connecting with a time limit, names of hosts and ports.
// The calls never block; a command waits with proc.waitReadable().

import type { SockAddr, Socket, StreamSocket } from '../../lab/os.ts';
import { formatIp4 } from '../../uapi/format.ts';
import { In6, in6Of, mapped4 } from '../../wire/in6.ts';
import type { Proc, Readable } from '../process.ts';
import { entries, inetAton, scoped } from './hosts.ts';

const EINPROGRESS = 115;
export const EAGAIN = 11;
export const ETIMEDOUT = 110;

/** The writing side of a socket, as something to wait for. */
export class Writable implements Readable {
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get onReadable(): (() => void) | null {
    return this.socket.onWritable;
  }

  set onReadable(wake: (() => void) | null) {
    this.socket.onWritable = wake;
  }
}

export type Family = 0 | 4 | 6;

export const address = (addr4: number, port: number): SockAddr => ({ addr4, port, ifindex: 0, protocol: 0, mac: 0 });

/** No address of that family, any port: what a server binds to. */
export function anyAddress(family: 4 | 6): SockAddr {
  const a: SockAddr = { addr4: 0, port: 0, ifindex: 0, protocol: 0, mac: 0 };
  if (family === 6) a.addr6 = new In6();
  return a;
}

export const withPort = (a: SockAddr, port: number): SockAddr => ({ ...a, port });

export const familyOf = (a: SockAddr): 4 | 6 => (a.addr6 === undefined ? 4 : 6);

/** A number, as getnameinfo() gives it: what came over IPv4 through an IPv6 socket looks like IPv4. */
export function hostText(a: SockAddr): string {
  if (a.addr6 === undefined) return formatIp4(a.addr4);
  return a.addr6.isMapped ? formatIp4(mapped4(a.addr6)) : a.addr6.toString();
}

/** A TCP socket of a family, or -errno. */
export function openStream(proc: Proc, family: 4 | 6 = 4): StreamSocket | number {
  return proc.os.socket(proc.ns, family === 6 ? 'tcp6' : 'tcp4', 0) as StreamSocket | number;
}

/** A UDP socket of a family, or -errno. */
export function openDatagram(proc: Proc, family: 4 | 6): Socket | number {
  return proc.os.socket(proc.ns, family === 6 ? 'udp6' : 'udp4', 0);
}

/** 0, a positive errno, ETIMEDOUT when the time is up, or -1 when a handled signal came. `timeoutNs` negative: none. */
export async function connectStream(
  proc: Proc,
  socket: StreamSocket,
  to: SockAddr,
  timeoutNs: number,
): Promise<number> {
  const rc = socket.connect(to);
  if (rc === 0) return 0;
  if (rc !== -EINPROGRESS) return -rc;
  const writable = new Writable(socket);
  const untilNs = timeoutNs < 0 ? -1 : proc.os.nowNs() + timeoutNs;
  for (;;) {
    const left = untilNs < 0 ? -1 : Math.max(0, untilNs - proc.os.nowNs());
    const woken = await proc.waitReadable([writable], left);
    const err = socket.takeError();
    if (err !== 0) return err;
    if (socket.peerName() !== null && socket.info().state === 1) return 0;
    if (woken === null) return untilNs >= 0 && proc.os.nowNs() >= untilNs ? ETIMEDOUT : -1;
  }
}

/** Writes all of it, waiting as long as it takes. 0 or a positive errno; -1 when a handled signal came. */
export async function writeAll(proc: Proc, socket: StreamSocket, data: Uint8Array): Promise<number> {
  const writable = new Writable(socket);
  let at = 0;
  while (at < data.length) {
    const rc = socket.send(at === 0 ? data : data.subarray(at));
    if (rc >= 0) {
      at += rc;
      continue;
    }
    if (rc !== -EAGAIN) return -rc;
    if ((await proc.waitReadable([writable], -1)) === null) return -1;
  }
  return 0;
}

/** Reads exactly n bytes; fewer at the end of the stream; a positive errno, or -1 for a handled signal. */
export async function readExactly(proc: Proc, socket: StreamSocket, n: number): Promise<Uint8Array | number> {
  const out = new Uint8Array(n);
  let have = 0;
  while (have < n) {
    const got = socket.read(n - have);
    if (typeof got === 'number') {
      if (got !== -EAGAIN) return -got;
      if ((await proc.waitReadable([socket], -1)) === null) return -1;
      continue;
    }
    if (got.length === 0) return out.subarray(0, have);
    out.set(got, have);
    have += got.length;
  }
  return out;
}

/** getaddrinfo(): a number, or a name of /etc/hosts, IPv4 first. The text is what gai_strerror() says. */
export async function endpointOf(proc: Proc, name: string, family: Family = 0): Promise<SockAddr | string> {
  const wrong = 'Address family for hostname not supported';
  const number = inetAton(name);
  if (number !== null) return family === 6 ? wrong : { ...anyAddress(4), addr4: number };
  if (in6Of(name.split('%')[0]) !== null) {
    const found = scoped(proc, name);
    if (found === null || family === 4) return wrong;
    if (typeof found === 'string') return found;
    return { ...anyAddress(6), addr6: found.ip6, ifindex: found.scope };
  }
  const found = await entries(proc, name);
  const first = found.find((e) => (family === 6 ? e.ip6 !== null : e.ip6 === null)) ?? (family === 0 ? found[0] : null);
  if (first === undefined || first === null) return found.length > 0 ? wrong : 'Temporary failure in name resolution';
  return first.ip6 === null ? { ...anyAddress(4), addr4: first.ip } : { ...anyAddress(6), addr6: first.ip6 };
}

/** The same for IPv4 alone: the address as a number. */
export async function addressOf(proc: Proc, name: string): Promise<number | string> {
  const found = await endpointOf(proc, name, 4);
  return typeof found === 'string' ? found : found.addr4;
}

/** A few services by their ports, as /etc/services names them. */
const SERVICES: ReadonlyArray<readonly [number, string]> = [
  [7, 'echo'],
  [9, 'discard'],
  [13, 'daytime'],
  [20, 'ftp-data'],
  [21, 'ftp'],
  [22, 'ssh'],
  [23, 'telnet'],
  [25, 'smtp'],
  [53, 'domain'],
  [67, 'bootps'],
  [68, 'bootpc'],
  [69, 'tftp'],
  [80, 'http'],
  [110, 'pop3'],
  [123, 'ntp'],
  [143, 'imap2'],
  [161, 'snmp'],
  [179, 'bgp'],
  [443, 'https'],
  [514, 'shell'],
  [993, 'imaps'],
  [8080, 'http-alt'],
];

export function serviceName(port: number): string | null {
  return SERVICES.find(([p]) => p === port)?.[1] ?? null;
}

export function servicePort(name: string): number | null {
  return SERVICES.find(([, n]) => n === name)?.[0] ?? null;
}
