// What ping says about an ICMPv6 error. Linux tool: iputils ping/ping6_common.c, print_icmp().

const UNREACHABLE = [
  'No route',
  'Administratively prohibited',
  'Beyond scope of source address',
  'Address unreachable',
  'Port unreachable',
];

/** The line's end, with its newline. `info` is the MTU or the pointer. */
export function icmp6ErrorText(type: number, code: number, info: number): string {
  switch (type) {
    case 1:
      return `Destination unreachable: ${UNREACHABLE[code] ?? `Unknown code ${code}`}\n`;
    case 2:
      return `Packet too big: mtu=${info}${code === 0 ? '' : `, code=${code}`}\n`;
    case 3:
      return `Time exceeded: ${['Hop limit', 'Defragmentation failure'][code] ?? `code ${code}`}\n`;
    case 4:
      return `Parameter problem: ${['Wrong header field ', 'Unknown header ', 'Unknown option '][code] ?? `code ${code} `}at ${info}\n`;
    default:
      return `unknown icmp type: ${type}\n`;
  }
}
