// The devices that can be captured on, in libpcap's order, and -D's list of them. libpcap: pcap.c, pcap-linux.c.

import { NlClient } from '../../../netlink/client.ts';
import { ADDR, LINK } from '../../../netlink/payload.ts';
import { AF_INET, ARPHRD_ETHER, ARPHRD_LOOPBACK, IFF_LOOPBACK, IFF_RUNNING, IFF_UP } from '../../../uapi/link.ts';
import { RTM_GETADDR, RTM_GETLINK } from '../../../uapi/msgtype.ts';
import type { Proc } from '../../process.ts';

export interface Device {
  name: string;
  ifindex: number;
  flags: number;
  /** ARPHRD_* */
  type: number;
}

/** The pseudo-device that hears all. */
export const ANY = 'any';

export function readDevices(proc: Proc): Device[] {
  const transport = proc.os.netlink(proc.ns, 0);
  try {
    const found = new NlClient(transport).dump(LINK, RTM_GETLINK, {}, {}).messages;
    return found.map((m) => ({
      name: m.attrs.ifname ?? '',
      ifindex: m.header.index,
      flags: m.header.flags,
      type: m.header.type,
    }));
  } finally {
    transport.close();
  }
}

/** The netmask of a device's first IPv4 address, or 0. */
export function netmaskOf(proc: Proc, ifindex: number): number {
  const transport = proc.os.netlink(proc.ns, 0);
  try {
    const found = new NlClient(transport).dump(ADDR, RTM_GETADDR, { family: AF_INET }, {}).messages;
    const first = found.find((m) => m.header.index === ifindex);
    const bits = first?.header.prefixlen ?? 0;
    return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  } finally {
    transport.close();
  }
}

/** Frames of these begin with an Ethernet header. */
export function isEthernet(d: Device): boolean {
  return d.type === ARPHRD_ETHER || d.type === ARPHRD_LOOPBACK;
}

const running = (d: Device): boolean => (d.flags & (IFF_UP | IFF_RUNNING)) === (IFF_UP | IFF_RUNNING);

/** Devices that run first, then `any`, the loopback, and those that do not run. */
export function inOrder(devices: Device[]): Array<Device | typeof ANY> {
  const loopback = devices.filter((d) => (d.flags & IFF_LOOPBACK) !== 0);
  const rest = devices.filter((d) => (d.flags & IFF_LOOPBACK) === 0);
  return [...rest.filter(running), ANY, ...loopback, ...rest.filter((d) => !running(d))];
}

export function deviceList(devices: Device[]): string {
  return inOrder(devices)
    .map(
      (d, i) =>
        `${i + 1}.${d === ANY ? 'any (Pseudo-device that captures on all interfaces) [Up, Running]' : describe(d)}\n`,
    )
    .join('');
}

function describe(d: Device): string {
  const state = (d.flags & IFF_UP) === 0 ? 'none' : running(d) ? 'Up, Running' : 'Up';
  const loopback = (d.flags & IFF_LOOPBACK) !== 0;
  return `${d.name} [${state}${loopback ? ', Loopback' : running(d) ? ', Connected' : ', Disconnected'}]`;
}
