// A lab as the commands that an engineer would type: what rebuilds it where lowerdev is not, and asks some cells again with ping.

import { shellWord } from '../../base/shell-word.ts';
import { formatMac } from '../../uapi/format.ts';
import { ADDR_GEN_MODES, IFF_ALLMULTI, IFF_NOARP, IFF_PROMISC } from '../../uapi/link.ts';
import { MACVLAN_FLAG_NODST, MACVLAN_FLAG_NOPROMISC } from '../../uapi/linkinfo.ts';
import { desiredOf, prefixText, routeText, type WantedLink } from '../apply/desired.ts';
import type { Lab, NetnsRef } from '../file/lab.ts';
import { type Cell, cellKey, type Outcome } from './cells.ts';

/** As `ip link` calls them, by number. */
const MODES: ReadonlyMap<number, string> = new Map([
  [1, 'private'],
  [2, 'vepa'],
  [4, 'bridge'],
  [8, 'passthru'],
  [16, 'source'],
]);

export interface Asked {
  readonly cell: Cell;
  readonly predicted: Outcome;
  readonly measured: Outcome;
}

/** A script for sh, ip and ping. `head`: lines for its beginning, without the `#`. Throws DesiredError. */
export function rebuildScript(lab: Lab, asked: readonly Asked[], head: readonly string[]): string {
  const desired = desiredOf(lab);
  const lines = [
    '#!/bin/sh',
    ...head.map((line) => (line === '' ? '#' : `# ${line.replaceAll('\n', ' ')}`)),
    'set -e',
    '',
  ];
  for (const { ifname, offload } of desired.lowers) {
    if (offload !== null) lines.push(`ethtool -K ${shellWord(ifname)} l2-fwd-offload ${offload ? 'on' : 'off'}`);
    lines.push(`ip link set ${shellWord(ifname)} up`);
  }
  for (const name of desired.namespaces) lines.push(`ip netns add ${shellWord(name)}`);
  for (const link of desired.links) lines.push(...linkLines(link));
  lines.push('', 'set +e', '# until duplicate address detection is through', 'sleep 3');
  for (const a of asked) lines.push(...askLines(lab, a));
  return `${lines.join('\n')}\n`;
}

function linkLines(link: WantedLink): string[] {
  const { place, mac, mtu, macvlan } = link;
  const [ifname, lower] = [shellWord(link.ifname), shellWord(link.lower)];
  const path = shellWord(`net.ipv6.conf.${link.ifname.replaceAll('.', '/')}.disable_ipv6`);
  const into = place.kind === 'host' ? '' : ` netns ${target(place)}`;
  const address = mac === null ? '' : ` address ${formatMac(mac)}`;
  const size = mtu === null ? '' : ` mtu ${mtu}`;
  const kind = link.kind === 'vlan' ? `vlan id ${link.vlan}` : macvlanWords(link.kind, macvlan);
  const lines = [`ip link add link ${lower} name ${ifname}${into}${address}${size} type ${kind}`];
  const ip = command(place);
  const sources = macvlan?.sources ?? [];
  if (sources.length > 0)
    lines.push(`${ip} link set ${ifname} type ${link.kind} macaddr set ${sources.map(formatMac).join(' ')}`);
  if (!link.ipv6) lines.push(`${inside(place)}sysctl -qw ${path}=1`);
  lines.push(...traitLines(link, ip));
  for (const a of link.addresses) lines.push(`${ip} addr add ${prefixText(a)} dev ${ifname}`);
  lines.push(`${ip} link set ${ifname} up`);
  for (const r of link.routes) {
    const six = (r.via ?? r.to?.address ?? '').includes(':') ? ' -6' : '';
    lines.push(`${ip}${six} route add ${routeText(r)} dev ${ifname}`);
  }
  return lines;
}

/** Flags, other names and settings of IPv6. */
function traitLines({ ifname: name, place, traits }: WantedLink, ip: string): string[] {
  const path = `net.ipv6.conf.${name.replaceAll('.', '/')}`;
  const ifname = shellWord(name);
  const flags = [
    [IFF_PROMISC, 'promisc', 'on', 'off'],
    [IFF_ALLMULTI, 'allmulticast', 'on', 'off'],
    [IFF_NOARP, 'arp', 'off', 'on'],
  ] as const;
  const said = flags.flatMap(([flag, word, set, unset]) =>
    traits.mask & flag ? [`${word} ${traits.flags & flag ? set : unset}`] : [],
  );
  return [
    ...Object.entries(traits.conf6).map(
      ([name, value]) => `${inside(place)}sysctl -qw ${shellWord(`${path}.${name}`)}=${value}`,
    ),
    ...(traits.addrGenMode === null
      ? []
      : [`${ip} link set ${ifname} addrgenmode ${ADDR_GEN_MODES[traits.addrGenMode]}`]),
    ...(said.length === 0 ? [] : [`${ip} link set ${ifname} ${said.join(' ')}`]),
    ...(traits.altnames ?? []).map((name) => `${ip} link property add dev ${ifname} altname ${shellWord(name)}`),
  ];
}

function macvlanWords(kind: string, m: WantedLink['macvlan']): string {
  if (m === null) return kind;
  const words = [`${kind} mode ${MODES.get(m.mode) ?? m.mode}`];
  if (m.flags & MACVLAN_FLAG_NOPROMISC) words.push('nopromisc');
  if (m.flags & MACVLAN_FLAG_NODST) words.push('nodst');
  if (m.bcQueueLen !== null) words.push(`bcqueuelen ${m.bcQueueLen}`);
  if (m.bcCutoff !== null) words.push(`bclim ${m.bcCutoff}`);
  return words.join(' ');
}

function askLines(lab: Lab, { cell, predicted, measured }: Asked): string[] {
  const word = (o: Outcome): string => (o.reached ? 'ok' : '-');
  const lines = ['', `# ${cellKey(cell)}: predicted ${word(predicted)}, measured ${word(measured)}`];
  const to = (predicted.there ?? measured.there)?.destination;
  const from = lab.endpoints.find((e) => e.name === cell.from);
  if (from === undefined && cell.from !== 'host') return [...lines, `# ${cell.from} is a peer: ping from there`];
  const exec = inside(from?.netns ?? { kind: 'host' });
  if (to !== undefined) lines.push(`${exec}ping -c 1 -W 1 ${to}`);
  else lines.push(`# ${predicted.evidence}`);
  return lines;
}

function target(place: NetnsRef): string {
  if (place.kind === 'name') return shellWord(place.name);
  return place.kind === 'path' ? shellWord(place.path) : place.kind === 'pid' ? `${place.pid}` : '';
}

function command(place: NetnsRef): string {
  return place.kind === 'name' ? `ip -n ${shellWord(place.name)}` : `${inside(place)}ip`;
}

/** What goes before a command that is to run in there. */
function inside(place: NetnsRef): string {
  if (place.kind === 'host') return '';
  if (place.kind === 'name') return `ip netns exec ${shellWord(place.name)} `;
  return `nsenter --net=${place.kind === 'pid' ? `/proc/${place.pid}/ns/net` : shellWord(place.path)} `;
}
