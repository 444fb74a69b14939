// The system calls that a command may make: the seam between the shell's commands and the kernel that they run on.
// Configuration goes through netlink bytes; this adds what Linux has no netlink for: sockets, namespaces' names,
// /proc and /sys, the clock. Failures are negative errno numbers (uapi/errno), as a system call returns them.

import type { Socket, SocketKind } from '../inet/socket-types.ts';
import type { LogLine } from '../net/log.ts';
import type { NlTransport } from '../netlink/transport.ts';
import type { CallTraceOptions, PacketTrace } from '../probe/call-trace.ts';
import type { OffloadReport } from './offload-report.ts';

export type {
  Received,
  SockAddr,
  SockError,
  Socket,
  SocketKind,
  SockOption,
  StreamSocket,
  TcpInfo,
} from '../inet/socket-types.ts';
export type { CallStep, CallTraceOptions, PacketTrace } from '../probe/call-trace.ts';
export type { LowerReport, MacvlanReport, OffloadReport } from './offload-report.ts';

/** A network namespace as a process holds it. Equal handles are equal by ===. */
export interface NsRef {
  /** Inode number, as `ls -l /proc/self/ns/net` shows it. */
  readonly inode: number;
}

/** NETLINK_ROUTE, NETLINK_SOCK_DIAG and NETLINK_GENERIC. */
export type NlProtocol = 0 | 4 | 16;

/** What ETHTOOL_GDRVINFO answers. Linux: struct ethtool_drvinfo. */
export interface DrvInfo {
  driver: string;
  version: string;
  fwVersion: string;
  expansionRomVersion: string;
  busInfo: string;
  supportsStatistics: boolean;
  supportsTest: boolean;
  supportsEepromAccess: boolean;
  supportsRegisterDump: boolean;
  supportsPrivFlags: boolean;
}

/** The kernel as a process sees it. The model's is lab/model-os.ts. */
export interface Os {
  /** CLOCK_MONOTONIC, ns since boot. */
  nowNs(): number;
  /** CLOCK_REALTIME, ns since 1970 (a fixed start plus nowNs in the model). */
  wallNs(): number;
  readonly initNs: NsRef;
  /** What starting a program takes, in virtual ns: fork, exec, dynamic linking. 0 on a real kernel. */
  readonly execNs: number;

  /** unshare(CLONE_NEWNET). The namespace lives while it has a name, a process, a socket or a device that pins it. */
  nsCreate(): NsRef;
  /** Names under /run/netns. nsBind: 0 or -EEXIST; nsUnbind: 0 or -ENOENT; removing the last hold destroys it. */
  nsBind(name: string, ns: NsRef): number;
  nsUnbind(name: string): number;
  nsNames(): string[];
  nsByName(name: string): NsRef | null;
  /** A descriptor for IFLA_NET_NS_FD; small positive number, closed by nsClose. */
  nsOpen(ns: NsRef): number;
  nsClose(fd: number): void;
  /** A process enters or leaves: a namespace with processes lives on. */
  nsHold(ns: NsRef): void;
  nsRelease(ns: NsRef): void;

  netlink(ns: NsRef, protocol: NlProtocol): NlTransport;
  /** A socket, or -errno. `protocol` is the IP protocol (raw4) or the ethertype in host order (packet). */
  socket(ns: NsRef, kind: SocketKind, protocol: number): Socket | number;
  /** /proc and /sys as seen from a namespace: text, or -errno. Directories: list. */
  readFile(ns: NsRef, path: string): string | number;
  writeFile(ns: NsRef, path: string, text: string): number;
  listDir(ns: NsRef, path: string): string[] | number;
  /** ETHTOOL_GDRVINFO and ETHTOOL_GSTATS are ioctls in Linux, with no netlink form. */
  drvInfo(ns: NsRef, ifname: string): DrvInfo | number;
  drvStats(ns: NsRef, ifname: string): Array<[string, number]> | number;
  /** SIOCADDMULTI and SIOCDELMULTI: a link-layer group that a device shall hear. 0 or -errno. */
  deviceGroup(ns: NsRef, ifname: string, join: boolean, mac: number): number;
  /** /dev/kmsg from its first line, or from now on. A real kernel's is read by its own dmesg. */
  klog?(onlyNew: boolean): KernelLog;
  /** SYSLOG_ACTION_CLEAR. */
  klogClear?(): void;
  /** The functions that packets pass from now on. Only the model can tell. */
  callTrace?(options: CallTraceOptions): RunningTrace;
  /** Which macvlans their NICs carry, and why not. Only the model can tell. */
  offload?(): OffloadReport;
}

/** A call trace that is being taken. */
export interface RunningTrace {
  readonly packets: readonly PacketTrace[];
  stop(): void;
}

/** The kernel's log being read. `next` gives null when all was read; onReadable says that there is more. */
export interface KernelLog {
  onReadable: (() => void) | null;
  next(): LogLine | null;
  close(): void;
}
