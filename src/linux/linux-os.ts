// This machine's kernel behind the system-call seam (lab/os.ts): namespaces, netlink, packet sockets, /proc and /sys as a
// namespace sees them. What a lab asks of the model it asks here with the same calls. It changes nothing by itself.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { NlProtocol, NsRef, Socket, SocketKind } from '../lab/os.ts';
import type { FoundNamespace } from '../lab/snapshot/kernel.ts';
import type { SnapEnvironment } from '../lab/snapshot/snapshot.ts';
import type { NlTransport } from '../netlink/transport.ts';
import { NetlinkSocket, sent } from './netlink-socket.ts';
import { LinuxNs, Namespaces } from './netns.ts';
import { PacketSocket } from './packet-socket.ts';
import { sendTogether } from './send-together.ts';
import { driverOf, environment, foundNamespaces } from './snapshot-host.ts';
import { openSys, type Sys } from './sys.ts';

const ENOENT = 2;
const EPROTONOSUPPORT = 93;

export class LinuxOs {
  readonly sys: Sys;
  readonly namespaces: Namespaces;
  readonly execNs = 0;

  private constructor(sys: Sys) {
    this.sys = sys;
    this.namespaces = new Namespaces(sys);
  }

  /** Throws NoLinux where there is no Linux, or nothing to call it with. */
  static async open(): Promise<LinuxOs> {
    return new LinuxOs(await openSys());
  }

  get initNs(): LinuxNs {
    return this.namespaces.own;
  }

  nowNs(): number {
    return Number(process.hrtime.bigint());
  }

  wallNs(): number {
    return Date.now() * 1e6;
  }

  /** Real time; for the one who measures (lab/measure). Less than a timer can count lets others of this process run, once. */
  pause(ns: number): Promise<void> {
    return new Promise((resolve) => (ns < 1e6 ? setImmediate(resolve) : setTimeout(resolve, ns / 1e6)));
  }

  nsCreate(): LinuxNs {
    return this.namespaces.create();
  }

  nsBind(name: string, ns: NsRef): number {
    return this.namespaces.bind(name, linuxNs(ns));
  }

  nsUnbind(name: string): number {
    return this.namespaces.unbind(name);
  }

  /** Names whose namespace is gone, or was never bound: a lowerdev was killed in between. */
  nsLeftovers(): string[] {
    return this.namespaces.leftovers();
  }

  /** Removes what a killed lowerdev left under the names; which. Nobody of ours may be at work meanwhile. */
  nsSweep(): string[] {
    return this.namespaces.sweep();
  }

  nsNames(): string[] {
    return this.namespaces.names();
  }

  nsByName(name: string): LinuxNs | null {
    return this.namespaces.named(name);
  }

  /** Of a process (/proc/PID/ns/net), or bound to a file. Null: there is none. */
  nsByPath(path: string): LinuxNs | null {
    return existsSync(path) ? this.namespaces.open(path) : null;
  }

  nsOpen(ns: NsRef): number {
    return linuxNs(ns).fd;
  }

  /** The descriptor is the namespace's own, which nsRelease() closes. */
  nsClose(): void {}

  nsHold(): void {}

  nsRelease(ns: NsRef): void {
    this.namespaces.close(linuxNs(ns));
  }

  netlink(ns: NsRef, protocol: NlProtocol): NlTransport {
    return this.namespaces.inside(linuxNs(ns), () => new NetlinkSocket(this.sys, protocol));
  }

  /** Over a socket each, at once: the kernel has answered all when it returns. */
  sendTogether(sendings: readonly { readonly transport: NlTransport; readonly datagram: Uint8Array }[]): void {
    const results = sendTogether(
      this.sys,
      sendings.map(({ transport, datagram }) => ({ fd: (transport as NetlinkSocket).fd, datagram })),
    );
    for (const [i, rc] of results.entries()) sent(rc, sendings[i].datagram);
  }

  socket(ns: NsRef, kind: SocketKind, protocol: number): Socket | number {
    if (kind !== 'packet' && kind !== 'packet-dgram') return -EPROTONOSUPPORT;
    const dgram = kind === 'packet-dgram';
    return PacketSocket.open(this.sys, this.namespaces, linuxNs(ns), dgram, protocol, () => this.nowNs());
  }

  /** /proc/sys/net and /proc/net are those of the namespace; /sys/class/net only of the own one. */
  readFile(ns: NsRef, path: string): string | number {
    return this.#inside(ns, () => readFileSync(path.replace(/^\/proc\/net\//, '/proc/thread-self/net/'), 'utf8'));
  }

  writeFile(ns: NsRef, path: string, text: string): number {
    return this.#inside(ns, () => {
      statSync(path); // never makes one
      writeFileSync(path, text);
      return 0;
    }) as number;
  }

  listDir(ns: NsRef, path: string): string[] | number {
    return this.#inside(ns, () => readdirSync(path));
  }

  /** As readFile(), entering once. */
  readFiles(ns: NsRef, paths: readonly string[]): (string | number)[] {
    return this.namespaces.inside(linuxNs(ns), () => paths.map((path) => this.readFile(this.initNs, path)));
  }

  /** Namespaces that processes and files hold, other than the own one. */
  foundNamespaces(): { namespaces: FoundNamespace[]; unseen: string[] } {
    return foundNamespaces(this.initNs.inode);
  }

  environment(): SnapEnvironment {
    return environment();
  }

  driverOf(bus: string, device: string): string {
    return driverOf(bus, device);
  }

  #inside<T>(ns: NsRef, body: () => T): T | number {
    try {
      return this.namespaces.inside(linuxNs(ns), body);
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      return errno === 0 ? -ENOENT : errno;
    }
  }
}

function linuxNs(ns: NsRef): LinuxNs {
  if (ns instanceof LinuxNs) return ns;
  throw new Error('a namespace of another kernel');
}
