// One address, as `ip addr` and `ip monitor` print it. iproute2: ip/ipaddress.c, print_addrinfo().

import type { Decoded } from '../../../netlink/message.ts';
import {
  type AddrAttrs,
  IFA_F_DEPRECATED,
  IFA_F_PERMANENT,
  type IfAddrMsg,
  INFINITY_LIFE_TIME,
} from '../../../uapi/addr.ts';
import { formatIp } from '../../../uapi/format.ts';
import { RTM_DELADDR } from '../../../uapi/msgtype.ts';
import { nameOf, SCOPES } from '../iproute/names.ts';
import { tintOfIp } from '../iproute/out.ts';
import { ADDR_FLAGS } from './addr-flags.ts';
import type { Ip } from './context.ts';

export type AddrMsg = Decoded<IfAddrMsg, AddrAttrs>;

export function addrFlagsOf(msg: AddrMsg): number {
  return msg.attrs.flags ?? msg.header.flags;
}

/** `oneline`: the line begins with the device. */
export function printAddr(ip: Ip, msg: AddrMsg, oneline: boolean): void {
  const { out, opts } = ip;
  const { header, attrs: a } = msg;
  const flags = addrFlagsOf(msg);
  const local = a.local ?? a.address;
  const address = a.address ?? a.local;
  if (msg.type === RTM_DELADDR) out.flag('deleted', 'Deleted ');
  if (!opts.brief) {
    if (oneline) {
      out.any('index', header.index, `${header.index}: `);
      out.any('dev', ip.links.name(header.index), ip.links.name(header.index));
    }
    if (header.family === 2) out.any('family', 'inet', '    inet ');
    else if (header.family === 10) out.any('family', 'inet6', '    inet6 ');
    else out.any('family_index', header.family, `    family ${header.family} `);
  }
  if (local !== undefined && address !== undefined) {
    out.tint(tintOfIp(local), 'local', formatIp(local), formatIp(local));
    if (formatIp(local) !== formatIp(address)) {
      out.tint(tintOfIp(address), 'address', formatIp(address), formatIp(address), ' peer ');
    }
    out.any('prefixlen', header.prefixlen, `/${header.prefixlen} `);
    if (a.rtPriority !== undefined) out.any('metric', a.rtPriority, `metric ${a.rtPriority} `);
  }
  if (opts.brief) return;
  if (a.broadcast !== undefined)
    out.tint(tintOfIp(a.broadcast), 'broadcast', formatIp(a.broadcast), `${formatIp(a.broadcast)} `, 'brd ');
  if (a.anycast !== undefined)
    out.tint(tintOfIp(a.anycast), 'anycast', formatIp(a.anycast), `${formatIp(a.anycast)} `, 'any ');
  const scope = nameOf(SCOPES, header.scope, opts.numeric);
  out.any('scope', scope, `scope ${scope} `);
  printFlags(ip, header.family, flags);
  if (a.label !== undefined) out.any('label', a.label, a.label);
  if (a.cacheinfo !== undefined) printLifetimes(ip, a.cacheinfo, flags);
  out.text('\n');
}

function printFlags(ip: Ip, family: number, all: number): void {
  const { out } = ip;
  let flags = all;
  for (const { name, bit } of ADDR_FLAGS) {
    const on = (flags & bit) !== 0;
    if (bit === IFA_F_PERMANENT) {
      if (!on) out.flag('dynamic', 'dynamic ');
    } else if (on) {
      const word = name === 'secondary' && family === 10 ? 'temporary' : name;
      out.flag(word, `${word} `);
    }
    flags &= ~bit;
  }
  if (flags === 0) return;
  const hex = (flags >>> 0).toString(16).padStart(2, '0');
  out.any('ifa_flags', hex, `flags ${hex} `);
}

function printLifetimes(ip: Ip, ci: NonNullable<AddrAttrs['cacheinfo']>, flags: number): void {
  const { out } = ip;
  const seconds = (v: number): string => (v === INFINITY_LIFE_TIME ? 'forever' : `${v}sec`);
  out.newline();
  out.any('valid_life_time', ci.valid, `       valid_lft ${seconds(ci.valid)}`);
  const deprecated = (flags & IFA_F_DEPRECATED) !== 0 && ci.prefered !== INFINITY_LIFE_TIME;
  const preferred = deprecated ? ci.prefered | 0 : ci.prefered;
  out.any('preferred_life_time', preferred, ` preferred_lft ${seconds(preferred)}`);
}
