// IPv6 addresses of devices, as ifconfig finds and changes them. Linux tool: net-tools 2.10, lib/inet6.c, ifconfig.c.

import type { NlClient } from '../../../netlink/client.ts';
import { ADDR } from '../../../netlink/payload.ts';
import { formatIp6, parseIp6 } from '../../../uapi/format.ts';
import { RTM_DELADDR, RTM_NEWADDR } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../uapi/netlink.ts';
import type { Proc } from '../../process.ts';

const AF_INET6 = 10;
const EINVAL = 22;

export interface Address6 {
  address: string;
  prefixlen: number;
  scope: number;
}

/** Of a device, in the order of /proc/net/if_inet6. An alias has none. */
export function addresses6(proc: Proc, device: string): Address6[] {
  const text = proc.os.readFile(proc.ns, '/proc/net/if_inet6');
  if (typeof text === 'number') return [];
  return text.split('\n').flatMap((line) => {
    const [hex, , prefixlen, scope, , name] = line.trim().split(/\s+/);
    if (name !== device) return [];
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    return [
      { address: formatIp6(bytes), prefixlen: Number.parseInt(prefixlen, 16), scope: Number.parseInt(scope, 16) },
    ];
  });
}

/** Prefix length as atol() reads it; what is none counts as 0. Null: there is no such length. */
export function lengthOf(bits: string | undefined): number | null {
  const n = Number.parseInt(bits ?? '', 10) || 0;
  return n >= 0 && n <= 128 ? n : null;
}

/** SIOCSIFADDR, SIOCDIFADDR of AF_INET6: 0 or an errno. */
export function change6(client: NlClient, ifindex: number, verb: 'add' | 'del', text: string): number {
  const [host, bits] = text.split('/');
  const local = parseIp6(host);
  if (local === null) return EINVAL;
  const prefixlen = lengthOf(bits);
  if (prefixlen === null) return EINVAL;
  const header = { family: AF_INET6, prefixlen, index: ifindex };
  const type = verb === 'add' ? RTM_NEWADDR : RTM_DELADDR;
  const flags = verb === 'add' ? NLM_F_CREATE | NLM_F_EXCL : 0;
  return client.tryRequest(ADDR, type, flags, header, { local, address: local })?.errno ?? 0;
}
