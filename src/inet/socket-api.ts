// socket(2): a socket of each kind in a namespace. Linux: inet_create(), packet_create(), ping_init_sock().

import type { Kernel } from '../net/kernel.ts';
import type { NetNs } from '../net/netns.ts';
import { EACCES, EAFNOSUPPORT, EINVAL, EPROTONOSUPPORT } from './errno.ts';
import { PacketSocket } from './packet.ts';
import { PingSocket } from './ping-socket.ts';
import { Ping6Socket } from './ping6-socket.ts';
import { RawSocket } from './raw.ts';
import { Raw6Socket } from './raw6.ts';
import type { Socket, SocketKind } from './socket-types.ts';
import { inetNs } from './state.ts';
import { TcpSocket } from './tcp-socket.ts';
import { tcp4 } from './tcp4.ts';
import { setup6, tcp6 } from './tcp6.ts';
import { UdpSocket } from './udp.ts';
import { Udp6Socket } from './udp6.ts';

/** The group of a process that may open echo sockets must lie in the range; the model's processes are root. */
const ROOT_GROUP = 0;

/** A socket, or -errno. `protocol`: IP protocol of raw4 and raw6, ethertype of packet sockets. */
export function openSocket(_kernel: Kernel, ns: NetNs, kind: SocketKind, protocol: number): Socket | number {
  const ins = inetNs(ns);
  switch (kind) {
    case 'udp4':
      return new UdpSocket(ins);
    case 'tcp4':
      return new TcpSocket(ins, tcp4);
    case 'raw4':
      if (protocol < 0 || protocol > 255) return -EINVAL;
      return protocol === 0 ? -EPROTONOSUPPORT : new RawSocket(ins, protocol);
    case 'ping4': {
      const { pingGroupMin, pingGroupMax } = ins.set;
      return pingGroupMin <= ROOT_GROUP && ROOT_GROUP <= pingGroupMax ? new PingSocket(ins) : -EACCES;
    }
    case 'tcp6': {
      if (ns.inet6 === null) return -EAFNOSUPPORT;
      const s = new TcpSocket(ins, tcp6);
      setup6(s);
      return s;
    }
    case 'udp6':
      return ns.inet6 === null ? -EAFNOSUPPORT : new Udp6Socket(ins);
    case 'raw6':
      if (ns.inet6 === null) return -EAFNOSUPPORT;
      if (protocol < 0 || protocol > 255) return -EINVAL;
      return protocol === 0 ? -EPROTONOSUPPORT : new Raw6Socket(ins, protocol);
    case 'ping6': {
      if (ns.inet6 === null) return -EAFNOSUPPORT;
      const { pingGroupMin, pingGroupMax } = ins.set;
      return pingGroupMin <= ROOT_GROUP && ROOT_GROUP <= pingGroupMax ? new Ping6Socket(ins) : -EACCES;
    }
    case 'packet':
      return new PacketSocket(ins, false, protocol);
    case 'packet-dgram':
      return new PacketSocket(ins, true, protocol);
  }
}
