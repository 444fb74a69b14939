// The network as DHCP programs use it: the device they work on, messages in packets that they build themselves (no
// address is needed, and none is asked for), and messages through UDP sockets. Linux tool: busybox, udhcp/packet.c, socket.c.

import type { SockAddr, Socket } from '../../../lab/os.ts';
import { NlClient } from '../../../netlink/client.ts';
import { formatIp4 } from '../../../uapi/format.ts';
import type { DhcpMessage } from '../../../wire/dhcp.ts';
import { decodeDhcp } from '../../../wire/dhcp.ts';
import { ETH_P_IP } from '../../../wire/ethernet.ts';
import { encodeIp4, IP4_HLEN, IPPROTO_UDP, ip4CheckOk, ip4Hlen, ip4Proto, ip4TotalLen } from '../../../wire/ip4.ts';
import { encodeUdp, setUdpCheck4, UDP_HLEN, udpCheckOk4, udpDport, udpLen } from '../../../wire/udp.ts';
import type { Proc } from '../../process.ts';
import { linkNamed } from '../links.ts';

export interface Device {
  name: string;
  index: number;
  mac: number;
  up: boolean;
}

/** Null: there is no such device. */
export function deviceNamed(proc: Proc, name: string): Device | null {
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    const link = linkNamed(client, name);
    if (link === null) return null;
    return { name, index: link.header.index, mac: link.attrs.address ?? 0, up: (link.header.flags & 1) !== 0 };
  } finally {
    client.close();
  }
}

export const packetAddress = (index: number, mac = 0, protocol = ETH_P_IP): SockAddr => {
  return { addr4: 0, port: 0, ifindex: index, protocol, mac };
};

export const ip4Address = (addr4: number, port: number): SockAddr => {
  return { addr4, port, ifindex: 0, protocol: 0, mac: 0 };
};

export interface Ends {
  src: number;
  sport: number;
  dst: number;
  dport: number;
}

/** An IP packet around a payload, as programs build it that have no address yet. */
export function udpPacket(payload: Uint8Array, { src, sport, dst, dport }: Ends, tos = 0, ttl = 64): Uint8Array {
  const b = encodeIp4({
    src: formatIp4(src),
    dst: formatIp4(dst),
    tos,
    ttl,
    proto: IPPROTO_UDP,
    payload: encodeUdp({ sport, dport, payload }),
  });
  setUdpCheck4(b, 0, IP4_HLEN);
  return b;
}

/** The DHCP message in an IP packet for `port`, checked as the tools check it; null when it is none. */
export function dhcpInPacket(b: Uint8Array, port: number): DhcpMessage | null {
  if (b.length < IP4_HLEN + UDP_HLEN || b[0] !== 0x45 || ip4Proto(b, 0) !== IPPROTO_UDP) return null;
  const len = ip4TotalLen(b, 0);
  const at = ip4Hlen(b, 0);
  if (len > b.length || udpDport(b, at) !== port || udpLen(b, at) !== len - at || !ip4CheckOk(b, 0)) return null;
  return udpCheckOk4(b, 0, at) ? decodeDhcp(b.subarray(at + UDP_HLEN, len)) : null;
}

/** What sending came to: bytes or -errno, and the call that failed. */
export interface SendResult {
  rc: number;
  where: string;
}

/** To `mac`, from whatever address. Linux tool: udhcp_send_raw_packet(). */
export function sendRaw(
  proc: Proc,
  index: number,
  payload: Uint8Array,
  ends: Ends,
  mac: number,
  tos = 0,
  ttl = 64,
): SendResult {
  const socket = proc.os.socket(proc.ns, 'packet-dgram', ETH_P_IP);
  if (typeof socket === 'number') return { rc: socket, where: 'socket(PACKET)' };
  try {
    const to = packetAddress(index, mac);
    const rc = socket.bind(to);
    if (rc < 0) return { rc, where: 'bind(PACKET)' };
    return { rc: socket.sendTo(udpPacket(payload, ends, tos, ttl), to), where: 'sendto' };
  } finally {
    socket.close();
  }
}

/** Through the kernel's stack. Linux tool: udhcp_send_kernel_packet(). */
export function sendKernel(proc: Proc, index: number, payload: Uint8Array, ends: Ends): SendResult {
  const socket = proc.os.socket(proc.ns, 'udp4', 0);
  if (typeof socket === 'number') return { rc: socket, where: 'socket(UDP)' };
  try {
    socket.setOption('SO_REUSEADDR', 1);
    if (index !== 0) socket.setOption('SO_BINDTODEVICE', index);
    const bound = socket.bind(ip4Address(ends.src, ends.sport));
    if (bound < 0) return { rc: bound, where: 'bind(UDP)' };
    const connected = socket.connect(ip4Address(ends.dst, ends.dport));
    if (connected < 0) return { rc: connected, where: 'connect' };
    return { rc: socket.sendTo(payload, null), where: 'write' };
  } finally {
    socket.close();
  }
}

/** A UDP socket on a device's port that may share it, or -errno. Linux tool: udhcp_listen_socket(). */
export function listenOn(proc: Proc, index: number, port: number): Socket | number {
  const socket = proc.os.socket(proc.ns, 'udp4', 0);
  if (typeof socket === 'number') return socket;
  socket.setOption('SO_REUSEADDR', 1);
  socket.setOption('SO_BROADCAST', 1);
  socket.setOption('SO_BINDTODEVICE', index);
  const rc = socket.bind(ip4Address(0, port));
  if (rc === 0) return socket;
  socket.close();
  return rc;
}
