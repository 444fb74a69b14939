// socket(2): a socket of each kind in a namespace. Linux: inet_create(), packet_create(), ping_init_sock().

import type { Kernel } from '../net/kernel.ts';
import type { NetNs } from '../net/netns.ts';
import { EACCES, EINVAL, EPROTONOSUPPORT } from './errno.ts';
import { PacketSocket } from './packet.ts';
import { PingSocket } from './ping-socket.ts';
import { RawSocket } from './raw.ts';
import type { Socket, SocketKind } from './socket-types.ts';
import { inetNs } from './state.ts';
import { TcpSocket } from './tcp-socket.ts';
import { tcp4 } from './tcp4.ts';
import { UdpSocket } from './udp.ts';

/** The group of a process that may open echo sockets must lie in the range; the model's processes are root. */
const ROOT_GROUP = 0;

/** A socket, or -errno. `protocol`: IP protocol of raw4, ethertype of packet sockets. */
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
    case 'packet':
      return new PacketSocket(ins, false, protocol);
    case 'packet-dgram':
      return new PacketSocket(ins, true, protocol);
  }
}
