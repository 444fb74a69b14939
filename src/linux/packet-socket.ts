// A real packet socket behind the contract of the model's: frames of a device, in and out, never waiting.
// Linux: packet(7), struct sockaddr_ll.

import type { Received, SockAddr, SockError, Socket, SockOption } from '../lab/os.ts';
import type { LinuxNs, Namespaces } from './netns.ts';
import { PACKET_AUXDATA, PacketMessage } from './packet-message.ts';
import { watchReadable } from './readable.ts';
import { MSG_DONTWAIT, MSG_TRUNC, type Sys } from './sys.ts';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_DROP_MEMBERSHIP = 2;
const PACKET_STATISTICS = 6;
const PACKET_IGNORE_OUTGOING = 23;
/** When the packet that was read last came, as struct timespec; the first call makes the kernel note it. */
const SIOCGSTAMPNS = 0x8907;
const ETH_P_ALL = 3;
const ENOPROTOOPT = 92;
const EOPNOTSUPP = 95;
/** struct sockaddr_ll */
const LL_SIZE = 20;
const BUFFER = 1 << 17;
const QUEUE = 1 << 22;

export class PacketSocket implements Socket {
  onWritable: (() => void) | null = null;
  readonly #sys: Sys;
  readonly #fd: number;
  readonly #protocol: number;
  readonly #nowNs: () => number;
  /** Captures want the kernel's own time of each packet. */
  #stamped = false;
  #drops = 0;
  #listener: (() => void) | null = null;
  #unwatch: (() => void) | null = null;

  private constructor(sys: Sys, fd: number, protocol: number, nowNs: () => number) {
    this.#sys = sys;
    this.#fd = fd;
    this.#protocol = protocol;
    this.#nowNs = nowNs;
  }

  /** In that namespace; a negative errno where it is refused. `protocol`: the ethertype, host order. */
  static open(
    sys: Sys,
    namespaces: Namespaces,
    ns: LinuxNs,
    dgram: boolean,
    protocol: number,
    nowNs: () => number,
  ): PacketSocket | number {
    // Bound to a device before it hears anything: created deaf.
    const type = (dgram ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC;
    const fd = namespaces.inside(ns, () => sys.socket(AF_PACKET, type, 0));
    if (fd < 0) return fd;
    sys.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, QUEUE);
    return new PacketSocket(sys, fd, protocol, nowNs);
  }

  bind(addr: SockAddr): number {
    this.#stamped = (addr.protocol || this.#protocol) === ETH_P_ALL;
    if (this.#stamped) {
      this.#sys.ioctl(this.#fd, SIOCGSTAMPNS, stamp);
      if (this.#sys.setsockopt(this.#fd, SOL_PACKET, PACKET_AUXDATA, 1) === 0)
        message ??= new PacketMessage(this.#sys, BUFFER, LL_SIZE);
    }
    return this.#sys.bind(this.#fd, this.#address(addr, addr.protocol || this.#protocol));
  }

  connect(): number {
    return -EOPNOTSUPP;
  }

  sendTo(data: Uint8Array, to: SockAddr | null): number {
    if (to === null) return this.#sys.send(this.#fd, data, MSG_DONTWAIT);
    return this.#sys.sendTo(this.#fd, data, MSG_DONTWAIT, this.#address(to, to.protocol || this.#protocol));
  }

  recv(): Received | null {
    const whole = this.#stamped ? message : null;
    const n = whole?.receive(this.#fd) ?? this.#sys.recvFrom(this.#fd, buffer, MSG_DONTWAIT | MSG_TRUNC, sender);
    if (n < 0) return null;
    const view = whole?.sender ?? senderView;
    const ifindex = view.getInt32(4, true);
    return {
      data: (whole?.data ?? buffer).slice(0, Math.min(n, BUFFER)),
      from: {
        ...noAddress,
        ifindex,
        protocol: view.getUint16(2),
        mac: view.getUint16(12) * 2 ** 32 + view.getUint32(14),
      },
      tstampNs: this.#arrived(),
      ttl: 0,
      ifindex,
      pktType: view.getUint8(10),
      wireLen: n,
      vlanTci: whole?.vlanTci ?? -1,
      ...(whole !== null && whole.vlanTci >= 0 ? { vlanTpid: whole.vlanTpid } : {}),
    };
  }

  /** On the clock of nowNs(). */
  #arrived(): number {
    if (!this.#stamped || this.#sys.ioctl(this.#fd, SIOCGSTAMPNS, stamp) < 0) return this.#nowNs();
    originNs ??= this.#nowNs() - performance.now() * 1e6;
    const sec = Number(stampView.getBigInt64(0, true)) - originSec;
    return Math.round(originNs + sec * 1e9 + Number(stampView.getBigInt64(8, true)));
  }

  get drops(): number {
    const stats = new Uint32Array(2); // struct tpacket_stats; being asked, the kernel counts from zero
    const rc = this.#sys.getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, new Uint8Array(stats.buffer));
    if (rc >= 0) this.#drops += stats[1];
    return this.#drops;
  }

  recvError(): SockError | null {
    return null;
  }

  takeError(): number {
    return 0;
  }

  /** PACKET_ADD_MEMBERSHIP: value = type (1: promiscuous), aux = ifindex. */
  setOption(name: SockOption, value: number, aux = 0): number {
    if (name === 'PACKET_IGNORE_OUTGOING')
      return this.#sys.setsockopt(this.#fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, value);
    if (name === 'PACKET_ADD_MEMBERSHIP' || name === 'PACKET_DROP_MEMBERSHIP') {
      const mreq = new Uint8Array(16); // struct packet_mreq
      const view = new DataView(mreq.buffer);
      view.setInt32(0, aux, true);
      view.setUint16(4, value, true);
      const option = name === 'PACKET_ADD_MEMBERSHIP' ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP;
      return this.#sys.setsockopt(this.#fd, SOL_PACKET, option, mreq);
    }
    return -ENOPROTOOPT;
  }

  getName(): SockAddr {
    const ll = new Uint8Array(LL_SIZE);
    this.#sys.getsockname(this.#fd, ll);
    const view = new DataView(ll.buffer);
    return { ...noAddress, ifindex: view.getInt32(4, true), protocol: view.getUint16(2) };
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

  #address(addr: SockAddr, protocol: number): Uint8Array {
    const ll = new Uint8Array(LL_SIZE);
    const view = new DataView(ll.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, protocol); // network order
    view.setInt32(4, addr.ifindex, true);
    ll[11] = 6;
    view.setUint16(12, Math.floor(addr.mac / 2 ** 32));
    view.setUint32(14, addr.mac % 2 ** 32);
    return ll;
  }
}

const buffer = new Uint8Array(BUFFER);
/** For captures; made when one is first asked for. */
let message: PacketMessage | null = null;
const sender = new Uint8Array(LL_SIZE);
const senderView = new DataView(sender.buffer);
const stamp = new Uint8Array(16);
/** Where this process began, on the clock of stamps (s) and on that of nowNs(): asked once, so that order is kept. */
const originSec = performance.timeOrigin / 1e3;
let originNs: number | null = null;
const stampView = new DataView(stamp.buffer);
const noAddress = { addr4: 0, port: 0, ifindex: 0, protocol: 0, mac: 0 };
