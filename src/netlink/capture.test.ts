// Every table line against a real kernel's bytes: decoded without a leftover, encoded again to the same bytes, and
// compared with what iproute2 made of the same state.
import { describe, expect, test } from 'vitest';
import {
  answersTo,
  CAPTURES,
  type Capture,
  capture,
  capturedForm,
  hex,
  wholeMessage,
} from '../../test/netlink-captures.ts';
import { formatIp, formatMac, linkFlagNames } from '../uapi/format.ts';
import { OPERSTATES } from '../uapi/link.ts';
import { MACVLAN_MODES } from '../uapi/linkinfo.ts';
import { NUD_NAMES } from '../uapi/neigh.ts';
import { RT_SCOPE_NAMES, RT_TABLE_NAMES, RTN_NAMES, RTPROT_NAMES } from '../uapi/route.ts';
import { type Decoded, decodeMessage, encodeMessage, type NlMessage, type Payload, parseMessages } from './message.ts';
import { ADDR, LINK, NEIGH, ROUTE } from './payload.ts';

describe.each(CAPTURES)('%s', (name) => {
  const golden = capture(name);
  const sent = golden.exchanges.flatMap(({ what, answers }) =>
    answers.flatMap(parseMessages).flatMap((msg) => {
      const form = capturedForm(golden, msg);
      return form === null ? [] : [{ what, msg, form }];
    }),
  );

  test('decodes without leftovers and encodes to the same bytes', () => {
    for (const { what, msg, form } of sent) {
      const decoded = decodeMessage(form, msg);
      expect(unknownIn(decoded.attrs), what).toEqual([]);
      expect(hex(encodeMessage(form, msg, decoded.header as object, decoded.attrs)), what).toContain(
        hex(wholeMessage(msg)),
      );
    }
  });
});

/** Attributes that no table named, at any depth, with the path to them. */
function unknownIn(value: unknown, path = ''): string[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'unknown'
      ? (inner as { type: number }[]).map(({ type }) => `${path}: ${type}`)
      : unknownIn(inner, `${path}.${key}`),
  );
}

function all<H, A>(golden: Capture, what: string, form: Payload<H, A>): Decoded<H, A>[] {
  return answersTo(golden, what)
    .filter((msg: NlMessage) => msg.type >= 16)
    .map((msg) => decodeMessage(form, msg));
}

describe('what iproute2 made of the same state', () => {
  test('links', () => {
    const golden = capture('links');
    const seen = all(golden, 'all links', LINK).map(({ header, attrs: a }) => ({
      ifindex: header.index,
      ifname: a.ifname,
      flags: linkFlagNames(header.flags),
      mtu: a.mtu,
      operstate: OPERSTATES[a.operstate as number],
      address: formatMac(a.address as number),
      broadcast: formatMac(a.broadcast as number),
      promiscuity: a.promiscuity,
      altnames: a.propList,
      ifalias: a.ifalias,
      kind: a.linkinfo?.kind,
      mode: a.linkinfo?.kind?.startsWith('macv') ? MACVLAN_MODES.get(a.linkinfo.data?.mode as number) : undefined,
      macs: a.linkinfo?.data?.macaddrData?.map(formatMac),
      hairpin: a.linkinfo?.slaveKind === 'bridge' ? a.linkinfo.slaveData?.mode === 1 : undefined,
    }));
    expect(seen).toEqual(golden.tool?.output.map(linkAsTold));
  });

  test('addresses', () => {
    const golden = capture('addrs');
    const dumped = all(golden, 'all addresses', ADDR);
    const seen = golden.tool?.output.flatMap((link) =>
      dumped
        .filter(({ header }) => header.index === link.ifindex)
        .map(({ header, attrs: a }) => ({
          local: formatIp((a.local ?? a.address) as number),
          prefixlen: header.prefixlen,
          scope: RT_SCOPE_NAMES.get(header.scope),
          broadcast: a.broadcast === undefined ? undefined : formatIp(a.broadcast),
          valid_life_time: a.cacheinfo?.valid,
        })),
    );
    const told = golden.tool?.output.flatMap((link) =>
      (link.addr_info as Record<string, unknown>[]).map(({ local, prefixlen, scope, broadcast, valid_life_time }) => ({
        local,
        prefixlen,
        scope,
        broadcast,
        valid_life_time,
      })),
    );
    expect(seen).toEqual(told);
  });

  test('routes', () => {
    const golden = capture('routes');
    const links = new Map(all(capture('links'), 'all links', LINK).map((l) => [l.header.index, l.attrs.ifname]));
    const seen = [...all(golden, 'IPv4 routes', ROUTE), ...all(golden, 'IPv6 routes', ROUTE)].map(
      ({ header, attrs: a }) => ({
        dst:
          a.dst === undefined
            ? 'default'
            : prefix(formatIp(a.dst), header.dstLen, typeof a.dst === 'number' ? 32 : 128),
        type: RTN_NAMES[header.type] === 'unicast' ? undefined : RTN_NAMES[header.type],
        gateway: a.gateway === undefined ? undefined : formatIp(a.gateway),
        dev: a.oif === undefined ? undefined : links.get(a.oif),
        table: a.table === 254 ? undefined : (RT_TABLE_NAMES.get(a.table as number) ?? String(a.table)),
        protocol: header.protocol === 3 ? undefined : RTPROT_NAMES.get(header.protocol), // boot goes without saying
        metric: a.priority,
        nexthops: a.multipath?.map((hop) => [
          formatIp(hop.attrs.gateway as number),
          links.get(hop.header.ifindex as number),
          (hop.header.hops as number) + 1,
        ]),
      }),
    );
    expect(seen).toEqual(golden.tool?.output.map(routeAsTold));
  });

  test('neighbours', () => {
    const golden = capture('neighs');
    const links = new Map(all(capture('links'), 'all links', LINK).map((l) => [l.header.index, l.attrs.ifname]));
    const seen = all(golden, 'neighbours', NEIGH)
      .filter(({ header }) => header.state !== 0x40) // iproute2 shows NOARP only when asked
      .map(({ header, attrs: a }) => ({
        dst: formatIp(a.dst as number),
        dev: links.get(header.ifindex),
        lladdr: formatMac(a.lladdr as number),
        state: [NUD_NAMES.get(header.state)],
      }));
    expect(seen).toEqual(golden.tool?.output);
  });
});

function linkAsTold(link: Record<string, unknown>): object {
  const info = link.linkinfo as Record<string, Record<string, unknown>> | undefined;
  const data = info?.info_data;
  return {
    ifindex: link.ifindex,
    ifname: link.ifname,
    flags: (link.flags as string[]).filter((flag) => flag !== 'M-DOWN'), // said of the lowerdev, found out by iproute2
    mtu: link.mtu,
    operstate: link.operstate,
    address: link.address,
    broadcast: link.broadcast,
    promiscuity: link.promiscuity,
    altnames: link.altnames,
    ifalias: link.ifalias,
    kind: info?.info_kind,
    mode: String(info?.info_kind).startsWith('macv') ? data?.mode : undefined,
    macs: (data?.macaddr_data as string[] | undefined) ?? undefined,
    hairpin: (info?.info_slave_data as Record<string, unknown> | undefined)?.hairpin,
  };
}

function routeAsTold(route: Record<string, unknown>): object {
  const hops = route.nexthops as { gateway: string; dev: string; weight: number }[] | undefined;
  return {
    dst: route.dst,
    type: route.type,
    gateway: route.gateway,
    dev: route.dev,
    table: route.table,
    protocol: route.protocol,
    metric: route.metric,
    nexthops: hops?.map((hop) => [hop.gateway, hop.dev, hop.weight]),
  };
}

function prefix(ip: string, length: number, whole: number): string {
  return length === whole ? ip : `${ip}/${length}`;
}

test('a macvlan in source mode, field by field', () => {
  const data = all(capture('links'), 'one link by name', LINK)[0].attrs.linkinfo?.data;
  expect(data).toEqual({
    mode: 16,
    flags: 2,
    macaddrCount: 3,
    macaddrData: [0x02aa00000003, 0x02aa00000002, 0x02aa00000001],
    bcQueueLen: 1000,
    bcQueueLenUsed: 1000,
  });
});
