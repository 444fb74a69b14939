// `nexthop via A dev D weight N ...`, several times: RTA_MULTIPATH. iproute2: ip/iproute.c, parse_nexthops().

import { type RouteAttrs, RTNH_F_ONLINK } from '../../../uapi/route.ts';
import { type Args, matches, parseNumber } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { gatewayWord, parseRealms, type RouteRequest } from './route-modify.ts';

type Hop = NonNullable<RouteAttrs['multipath']>[number];

export function parseNexthops(ip: Ip, r: RouteRequest, args: Args): Hop[] {
  const hops: Hop[] = [];
  while (args.more) {
    if (args.word !== 'nexthop') {
      throw new ToolError(`Error: "nexthop" or end of line is expected instead of "${args.word}"\n`, 255);
    }
    if (args.following === undefined) throw new ToolError('Error: unexpected end of line after "nexthop"\n', 255);
    args.skip();
    hops.push(parseOne(ip, r, args));
  }
  return hops;
}

function parseOne(ip: Ip, r: RouteRequest, args: Args): Hop {
  const hop: Hop = { header: { flags: 0, hops: 0, ifindex: 0 }, attrs: {} };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'via') {
      const via = gatewayWord(r.header, args);
      if (via instanceof Uint8Array && via.length === 18) hop.attrs.via = via;
      else hop.attrs.gateway = via;
    } else if (word === 'dev') {
      const name = args.need();
      hop.header.ifindex = ip.links.index(name);
      if (hop.header.ifindex === 0)
        throw new ToolError(`Cannot find device "${name}"\nError: cannot parse nexthop\n`, 255);
    } else if (word === 'weight') {
      const text = args.need();
      const weight = parseNumber(text, 256);
      if (weight === null || weight === 0) invarg('"weight" is invalid\n', text);
      hop.header.hops = weight - 1;
    } else if (word === 'onlink') hop.header.flags = RTNH_F_ONLINK;
    else if (matches(word, 'realms')) {
      const text = args.need();
      hop.attrs.flow = parseRealms(text) ?? invarg('"realm" value is invalid\n', text);
    } else if (word === 'encap' || word === 'as')
      throw new ToolError(`ip: lowerdev has no "${word}" of routes yet\n`, 1);
    else break;
  }
  return hop;
}
