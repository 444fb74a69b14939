// What ping says about an ICMP error. Linux tool: iputils ping/ping.c, pr_icmph().

import { formatIp4 } from '../../../uapi/format.ts';

const UNREACHABLE = [
  'Destination Net Unreachable',
  'Destination Host Unreachable',
  'Destination Protocol Unreachable',
  'Destination Port Unreachable',
  '',
  'Source Route Failed',
  'Destination Net Unknown',
  'Destination Host Unknown',
  'Source Host Isolated',
  'Destination Net Prohibited',
  'Destination Host Prohibited',
  'Destination Net Unreachable for Type of Service',
  'Destination Host Unreachable for Type of Service',
  'Packet filtered',
  'Precedence Violation',
  'Precedence Cutoff',
];
const REDIRECTS = [
  'Redirect Network',
  'Redirect Host',
  'Redirect Type of Service and Network',
  'Redirect Type of Service and Host',
];

/** The line's end, with its newline. `info` is the MTU, the gateway or the pointer. */
export function icmpErrorText(type: number, code: number, info: number): string {
  switch (type) {
    case 3:
      if (code === 4) return `Frag needed and DF set (mtu = ${info})\n`;
      return `${UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`}\n`;
    case 4:
      return 'Source Quench\n';
    case 5:
      return `${REDIRECTS[code] ?? `Redirect, Bad Code: ${code}`}(New nexthop: ${formatIp4(info)})\n`;
    case 11:
      return `${['Time to live exceeded', 'Frag reassembly time exceeded'][code] ?? `Time exceeded, Bad Code: ${code}`}\n`;
    case 12:
      return `Parameter problem: pointer = ${info}\n`;
    default:
      return `Bad ICMP type: ${type}\n`;
  }
}
