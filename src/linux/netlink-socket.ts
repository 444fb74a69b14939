// A real AF_NETLINK socket as the client's transport. The kernel answers inside send(), so answers are waiting when it
// returns, and what is not there will not come: recv() never blocks. Linux: netlink(7).

import type { NlTransport } from '../netlink/transport.ts';
import { errnoName } from '../uapi/errno.ts';
import { watchReadable } from './readable.ts';
import { MSG_DONTWAIT, MSG_TRUNC, NoLinux, type Sys } from './sys.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const EAGAIN = 11;
const ENOBUFS = 105;
/** Larger than any one message; the kernel fills dumps up to 32 KiB. */
const BUFFER = 1 << 18;
/** A thousand requests, and their answers. */
const QUEUE = 1 << 23;

/** Messages were lost because nobody read them: what is known is stale, and has to be asked for again. */
export class NlOverrun extends Error {}

export class NetlinkSocket implements NlTransport {
  readonly portId: number;
  readonly #sys: Sys;
  readonly #fd: number;
  #listener: (() => void) | null = null;
  #unwatch: (() => void) | null = null;

  /** In the namespace that the thread is in. `protocol`: NETLINK_ROUTE, NETLINK_GENERIC, NETLINK_SOCK_DIAG. */
  constructor(sys: Sys, protocol: number) {
    this.#sys = sys;
    this.#fd = sys.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (this.#fd < 0) throw new NoLinux(`no netlink socket: ${errnoName(-this.#fd) ?? -this.#fd}`);
    this.#size(SO_SNDBUFFORCE, SO_SNDBUF);
    this.#size(SO_RCVBUFFORCE, SO_RCVBUF);
    sys.setsockopt(this.#fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    sys.setsockopt(this.#fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    sys.setsockopt(this.#fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    this.portId = this.#bind();
  }

  get fd(): number {
    return this.#fd;
  }

  send(datagram: Uint8Array): void {
    sent(this.#sys.send(this.#fd, datagram, 0), datagram);
  }

  recv(): Uint8Array | null {
    const n = this.#sys.recv(this.#fd, buffer, MSG_DONTWAIT | MSG_TRUNC);
    if (n === -EAGAIN) return null;
    if (n === -ENOBUFS) throw new NlOverrun('netlink: the kernel had more to say than was read');
    if (n < 0) throw new Error(`netlink: cannot receive: ${errnoName(-n) ?? -n}`);
    if (n > BUFFER) throw new Error(`netlink: a message of ${n} bytes is longer than ${BUFFER}`);
    return buffer.slice(0, n);
  }

  join(group: number): void {
    const rc = this.#sys.setsockopt(this.#fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    if (rc < 0) throw new Error(`netlink: cannot join group ${group}: ${errnoName(-rc) ?? -rc}`);
  }

  get onReadable(): (() => void) | null {
    return this.#listener;
  }

  set onReadable(listener: (() => void) | null) {
    this.#listener = listener;
    if (listener === null) {
      this.#unwatch?.();
      this.#unwatch = null;
    } else this.#unwatch ??= watchReadable(this.#fd, () => this.#listener?.());
  }

  close(): void {
    this.onReadable = null;
    this.#sys.close(this.#fd);
  }

  /** The larger size if the caller may, else as much as is allowed. */
  #size(force: number, ask: number): void {
    if (this.#sys.setsockopt(this.#fd, SOL_SOCKET, force, QUEUE) < 0) {
      this.#sys.setsockopt(this.#fd, SOL_SOCKET, ask, QUEUE);
    }
  }

  #bind(): number {
    const addr = new Uint8Array(12); // struct sockaddr_nl
    const view = new DataView(addr.buffer);
    view.setUint16(0, AF_NETLINK, true);
    this.#sys.bind(this.#fd, addr);
    this.#sys.getsockname(this.#fd, addr);
    return view.getUint32(4, true);
  }
}

/** What send() gave. Throws where it failed. */
export function sent(rc: number, datagram: Uint8Array): void {
  if (rc < 0) throw new Error(`netlink: cannot send ${datagram.length} bytes: ${errnoName(-rc) ?? -rc}`);
}

const buffer = new Uint8Array(BUFFER);
