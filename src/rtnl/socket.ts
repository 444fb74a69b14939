// A netlink socket of the model kernel: what was asked is answered before send() returns, and what the joined groups
// hear waits in a queue. The queue has a bound: what does not fit is lost, and the next recv() fails with ENOBUFS, as
// Linux tells it. Linux: net/netlink/af_netlink.c.

import { assert } from '../base/assert.ts';
import type { Kernel } from '../net/kernel.ts';
import type { NetNs } from '../net/netns.ts';
import { NlError } from '../netlink/error.ts';
import type { NlTransport } from '../netlink/transport.ts';
import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GENERIC,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
} from '../uapi/netlink.ts';
import { receiveGeneric } from './genl.ts';
import { listeners, rtnlOf } from './listeners.ts';
import { receiveRoute } from './receive.ts';
import { receiveSockDiag } from './sock-diag.ts';

/** What descriptors and process ids of the asker mean. */
export interface NlFds {
  nsByFd(fd: number): NetNs | null;
  nsByPid(pid: number): NetNs | null;
}

/** net.core.rmem_default; datagrams count with the bookkeeping of their buffers. */
const RCVBUF = 212_992;
const OVERHEAD = 768;

export class NlSocket implements NlTransport {
  readonly kernel: Kernel;
  readonly ns: NetNs;
  readonly protocol: number;
  readonly fds: NlFds;
  readonly portId: number;
  /** NETLINK_EXT_ACK, NETLINK_CAP_ACK and NETLINK_GET_STRICT_CHK: lowerdev's client wants all three, as iproute2 does. */
  extAck = true;
  capAck = true;
  strictCheck = true;
  rcvBuf = RCVBUF;
  /** Datagrams lost because the queue was full. */
  overruns = 0;
  onReadable: (() => void) | null = null;
  private readonly joined = new Set<number>();
  private queue: Uint8Array[] = [];
  private head = 0;
  private queuedBytes = 0;
  private overrun = false;
  private closed = false;

  constructor(kernel: Kernel, ns: NetNs, protocol: number, fds: NlFds) {
    this.kernel = kernel;
    this.ns = ns;
    this.protocol = protocol;
    this.fds = fds;
    this.portId = rtnlOf(ns).nextPort++;
  }

  /** setsockopt(SOL_NETLINK): NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK. */
  setOption(option: number, on: boolean): void {
    switch (option) {
      case NETLINK_EXT_ACK:
        this.extAck = on;
        return;
      case NETLINK_CAP_ACK:
        this.capAck = on;
        return;
      case NETLINK_GET_STRICT_CHK:
        this.strictCheck = on;
        return;
      default:
        throw new NlError('ENOPROTOOPT', `netlink socket option ${option}`);
    }
  }

  send(datagram: Uint8Array): void {
    assert(!this.closed, 'a closed netlink socket was written to');
    if (this.protocol === NETLINK_ROUTE) receiveRoute(this, datagram);
    else if (this.protocol === NETLINK_SOCK_DIAG) receiveSockDiag(this, datagram);
    else receiveGeneric(this, datagram);
  }

  recv(): Uint8Array | null {
    if (this.overrun) {
      this.overrun = false;
      throw new NlError('ENOBUFS');
    }
    if (this.head === this.queue.length) return null;
    const datagram = this.queue[this.head++];
    this.queuedBytes -= datagram.length + OVERHEAD;
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    }
    return datagram;
  }

  /** Puts a datagram into the queue. `paced`: a dump, which Linux makes only as fast as it is read. */
  deliver(datagram: Uint8Array, paced = false): void {
    if (this.closed) return;
    const size = datagram.length + OVERHEAD;
    if (!paced && this.queuedBytes + size > this.rcvBuf) {
      this.overruns++;
      this.overrun = true;
      return;
    }
    this.queue.push(datagram);
    this.queuedBytes += size;
    this.onReadable?.();
  }

  join(group: number): void {
    if (this.closed || this.joined.has(group)) return;
    this.joined.add(group);
    listeners(this.ns, this.protocol, group).push(this);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const group of this.joined) {
      const list = listeners(this.ns, this.protocol, group);
      list.splice(list.indexOf(this), 1);
    }
    this.queue = [];
    this.head = 0;
  }
}

/** A netlink socket in a namespace. Linux: socket(AF_NETLINK, SOCK_RAW, protocol). */
export function openNetlink(kernel: Kernel, ns: NetNs, protocol: number, fds: NlFds): NlSocket {
  const known = protocol === NETLINK_ROUTE || protocol === NETLINK_GENERIC || protocol === NETLINK_SOCK_DIAG;
  assert(known, `netlink protocol ${protocol} is not modelled`);
  return new NlSocket(kernel, ns, protocol, fds);
}
