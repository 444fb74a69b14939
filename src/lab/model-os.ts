// The model kernel behind the system-call seam (os.ts): namespaces by name and descriptor, sockets, netlink, /proc and
// /sys. It holds what user space holds; what the kernel does is below.

import { type Tap, tapOf } from '../drivers/macvtap/tap.ts';
import { BaseSocket } from '../inet/socket.ts';
import { openSocket } from '../inet/socket-api.ts';
import { devMcAddGlobal, devMcDelGlobal } from '../net/addrlist.ts';
import { IFF_LOOPBACK } from '../net/flags.ts';
import type { Kernel } from '../net/kernel.ts';
import type { Log, LogLine } from '../net/log.ts';
import { NetNs } from '../net/netns.ts';
import type { NlTransport } from '../netlink/transport.ts';
import { CallTrace, type CallTraceOptions } from '../probe/call-trace.ts';
import { openNetlink } from '../rtnl/socket.ts';
import { type OffloadReport, offloadReport } from './offload-report.ts';
import type {
  DrvInfo,
  KernelLog,
  NlProtocol,
  NsRef,
  Os,
  RunningTrace,
  Socket,
  SocketKind,
  StreamSocket,
} from './os.ts';
import { procTree } from './procfs.ts';
import { sysTree } from './sysfs.ts';
import { folder, listNode, readNode, type VNode, writeNode } from './vfs.ts';

const ENOENT = 2;
const EEXIST = 17;
const ENODEV = 19;
const EINVAL = 22;
const EOPNOTSUPP = 95;
/** Virtual time begins here on the calendar: 2026-01-01 00:00:00 UTC. */
export const EPOCH_SEC = 1_767_225_600;
const EPOCH_NS = EPOCH_SEC * 1e9;

export class ModelOs implements Os {
  readonly kernel: Kernel;
  readonly initNs: NetNs;
  /** Which namespace a process is in; the scheduler of processes fills it in (IFLA_NET_NS_PID). */
  nsOfPid: (pid: number) => NsRef | null = () => null;
  private readonly names = new Map<string, NetNs>();
  private readonly fds = new Map<number, NetNs>();
  private readonly trees = new Map<NetNs, VNode>();

  constructor(kernel: Kernel, initNs: NetNs) {
    this.kernel = kernel;
    this.initNs = initNs;
    initNs.holds++;
  }

  nowNs(): number {
    return this.kernel.loop.now;
  }

  get execNs(): number {
    return this.kernel.timing.execNs;
  }

  wallNs(): number {
    return EPOCH_NS + this.kernel.loop.now;
  }

  nsCreate(): NetNs {
    return this.kernel.createNs(`ns${this.kernel.namespaces.length}`);
  }

  nsBind(name: string, ref: NsRef): number {
    if (this.names.has(name)) return -EEXIST;
    const ns = asNs(ref);
    this.names.set(name, ns);
    if (ns !== this.initNs) ns.label = name;
    ns.holds++;
    return 0;
  }

  nsUnbind(name: string): number {
    const ns = this.names.get(name);
    if (ns === undefined) return -ENOENT;
    this.names.delete(name);
    this.nsRelease(ns);
    return 0;
  }

  nsNames(): string[] {
    return [...this.names.keys()];
  }

  nsByName(name: string): NetNs | null {
    return this.names.get(name) ?? null;
  }

  nsOpen(ref: NsRef): number {
    let fd = 3;
    while (this.fds.has(fd)) fd++;
    const ns = asNs(ref);
    this.fds.set(fd, ns);
    ns.holds++;
    return fd;
  }

  nsClose(fd: number): void {
    const ns = this.fds.get(fd);
    if (ns === undefined) return;
    this.fds.delete(fd);
    this.nsRelease(ns);
  }

  nsHold(ref: NsRef): void {
    asNs(ref).holds++;
  }

  nsRelease(ref: NsRef): void {
    const ns = asNs(ref);
    if (--ns.holds > 0 || ns.dead) return;
    this.trees.delete(ns);
    this.kernel.destroyNs(ns, this.initNs);
  }

  netlink(ref: NsRef, protocol: NlProtocol): NlTransport {
    const ns = asNs(ref);
    this.nsHold(ns);
    const transport = openNetlink(this.kernel, ns, protocol, {
      nsByFd: (fd) => this.fds.get(fd) ?? null,
      nsByPid: (pid) => {
        const of = this.nsOfPid(pid);
        return of === null ? null : asNs(of);
      },
    });
    return this.pinned(transport, ns);
  }

  socket(ref: NsRef, kind: SocketKind, protocol: number): Socket | number {
    const ns = asNs(ref);
    const socket = openSocket(this.kernel, ns, kind, protocol);
    if (typeof socket === 'number') return socket;
    this.nsHold(ns);
    return this.pinned(
      accepting(socket, (child) => this.adopt(child, ns)),
      ns,
    );
  }

  /** A connection that accept() gives is a socket of its own. */
  private adopt(child: Socket, ns: NetNs): Socket {
    this.nsHold(ns);
    return this.pinned(child, ns);
  }

  readFile(ns: NsRef, path: string): string | number {
    return readNode(this.tree(asNs(ns)), path);
  }

  writeFile(ns: NsRef, path: string, value: string): number {
    return writeNode(this.tree(asNs(ns)), path, value);
  }

  listDir(ns: NsRef, path: string): string[] | number {
    return listNode(this.tree(asNs(ns)), path);
  }

  /** Opens /dev/tapN, N the index of a macvtap of that namespace: the open file, or -errno. */
  openTap(ref: NsRef, ifindex: number): Tap | number {
    const dev = asNs(ref).devByIndex(ifindex);
    if (dev === null || dev.linkOps?.kind !== 'macvtap') return -ENODEV;
    const tap = tapOf(dev);
    const err = tap.open();
    return err < 0 ? err : tap;
  }

  drvInfo(ref: NsRef, ifname: string): DrvInfo | number {
    const dev = asNs(ref).dev(ifname);
    if (dev === null) return -ENODEV;
    const info = dev.driverInfo;
    if (info === null) return -EOPNOTSUPP;
    return {
      driver: info.driver,
      version: info.version,
      fwVersion: info.fwVersion,
      expansionRomVersion: '',
      busInfo: info.busInfo,
      supportsStatistics: dev.ethtoolStats !== null,
      supportsTest: false,
      supportsEepromAccess: false,
      supportsRegisterDump: false,
      supportsPrivFlags: false,
    };
  }

  offload(): OffloadReport {
    return offloadReport(this.kernel);
  }

  callTrace(options: CallTraceOptions): RunningTrace {
    return new CallTrace(this.kernel, options);
  }

  klog(onlyNew: boolean): KernelLog {
    return new LogReader(this.kernel.log, onlyNew);
  }

  klogClear(): void {
    this.kernel.log.cleared = this.kernel.log.next;
  }

  drvStats(ref: NsRef, ifname: string): Array<[string, number]> | number {
    const dev = asNs(ref).dev(ifname);
    if (dev === null) return -ENODEV;
    return dev.ethtoolStats === null ? -EOPNOTSUPP : dev.ethtoolStats(dev);
  }

  deviceGroup(ref: NsRef, ifname: string, join: boolean, mac: number): number {
    const dev = asNs(ref).dev(ifname);
    if (dev === null) return -ENODEV;
    if ((dev.flags & IFF_LOOPBACK) !== 0) return -EINVAL; // it has no filter (ndo_set_rx_mode)
    if (!join) return devMcDelGlobal(dev, mac);
    devMcAddGlobal(dev, mac);
    return 0;
  }

  /** Lets go of all names and descriptors, so that every namespace ends. */
  close(): void {
    for (const fd of [...this.fds.keys()]) this.nsClose(fd);
    for (const name of [...this.names.keys()]) this.nsUnbind(name);
  }

  /** An open socket keeps its namespace alive. */
  private pinned<T extends { close(): void }>(what: T, ns: NetNs): T {
    const close = what.close.bind(what);
    let open = true;
    what.close = () => {
      if (!open) return;
      open = false;
      close();
      if (what instanceof BaseSocket) what.whenSent(() => this.nsRelease(ns));
      else this.nsRelease(ns);
    };
    return what;
  }

  private tree(ns: NetNs): VNode {
    let tree = this.trees.get(ns);
    if (tree === undefined) {
      tree = folder({ proc: procTree(ns), sys: sysTree(ns) });
      this.trees.set(ns, tree);
    }
    return tree;
  }
}

/** What a listener's accept() gives passes through `adopt`; other sockets are as they were. */
function accepting(socket: Socket, adopt: (child: Socket) => Socket): Socket {
  const stream = socket as Partial<StreamSocket>;
  const { accept } = stream;
  if (accept === undefined) return socket;
  stream.accept = () => {
    const child = accept.call(socket);
    return typeof child === 'number' ? child : (adopt(child) as StreamSocket);
  };
  return socket;
}

function asNs(ref: NsRef): NetNs {
  if (!(ref instanceof NetNs)) throw new TypeError('a namespace of another kernel');
  return ref;
}

/** A place in the log. */
class LogReader implements KernelLog {
  onReadable: (() => void) | null = null;
  private readonly log: Log;
  private readonly waiting: LogLine[];
  private readonly hear: (line: LogLine) => void;

  constructor(log: Log, onlyNew: boolean) {
    this.log = log;
    this.waiting = onlyNew ? [] : log.since(log.cleared);
    this.hear = (line) => {
      this.waiting.push(line);
      this.onReadable?.();
    };
    log.listeners.add(this.hear);
  }

  next(): LogLine | null {
    return this.waiting.shift() ?? null;
  }

  close(): void {
    this.log.listeners.delete(this.hear);
  }
}
