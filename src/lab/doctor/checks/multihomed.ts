// A namespace with two devices in one network: routes use one of them, so answers for the other's address leave by the wrong
// one, and strict reverse-path filtering drops what comes in there. Linux: fib_validate_source().

import { inNs } from '../../snapshot/commands.ts';
import type { SnapAddress, SnapNamespace } from '../../snapshot/snapshot.ts';
import { type Spot, spotName, type View } from '../../status/view.ts';
import { isGlobal, networkOf, Routes } from '../address.ts';
import { type Check, type Finding, finding } from '../finding.ts';
import { list, nsText } from '../words.ts';

export const multihomed: Check = {
  codes: ['rp-filter', 'two-ways'],
  examine({ view }) {
    const spaces = new Set(view.macvlans.map((m) => m.ns));
    return [...spaces].flatMap((ns) => inNamespace(view, ns));
  },
};

interface Member {
  readonly spot: Spot;
  readonly address: SnapAddress;
}

/** All that are on one network but the one that the route to it uses. */
function inNamespace(view: View, ns: SnapNamespace): Finding[] {
  const networks = new Map<string, Member[]>();
  for (const link of ns.links) {
    if (!link.up || link.type !== ARPHRD_ETHER) continue;
    const spot = { ns, link };
    for (const address of view.addresses(spot)) {
      if (address.family !== 4 || address.length > 30 || !isGlobal(address)) continue;
      const key = `${networkOf(address)}/${address.length}`;
      networks.set(key, [...(networks.get(key) ?? []), { spot, address }]);
    }
  }
  const crowded = [...networks.values()].filter((members) => new Set(members.map((m) => m.spot.link)).size > 1);
  if (crowded.length === 0) return [];
  const routes = new Routes({ ...ns, routes: ns.routes.filter((r) => r.type === 'unicast') });
  return crowded.flatMap((members) => ofNetwork(ns, routes, members));
}

const ARPHRD_ETHER = 1;

function ofNetwork(ns: SnapNamespace, routes: Routes, members: readonly Member[]): Finding[] {
  if (members.every((m) => m.spot.link.macvlan === null)) return [];
  const route = routes.to(networkOf(members[0].address));
  const used = members.find((m) => m.spot.link.index === route?.dev)?.spot;
  if (used === undefined) return [];
  const unused = members.filter(({ spot, address }) => {
    const ruled = ns.rules.some((r) => r.match.from?.startsWith(`${address.address}/`) === true);
    const concerned = spot.link.macvlan !== null || used.link.macvlan !== null;
    return spot.link !== used.link && !ruled && concerned;
  });
  const filtered = unused.filter((m) => strict(ns, m.spot));
  const others = unused.filter((m) => !filtered.includes(m));
  return [...filtered.map((m) => dropped(used, m)), ...(others.length === 0 ? [] : [twoWays(used, others)])];
}

function strict(ns: SnapNamespace, { link }: Spot): boolean {
  const all = Number(ns.sysctls['net.ipv4.conf.all.rp_filter'] ?? 0);
  return Math.max(all, link.ipv4?.rp_filter ?? 0) === 1;
}

/** Never seen by anybody: what comes in is dropped. */
function dropped(used: Spot, { spot, address }: Member): Finding {
  const where = spotName(spot);
  const text = `what ${where} receives from its own network is dropped: the way back is ${used.link.name}, and rp_filter is strict`;
  return finding('error', 'rp-filter', where, text, {
    evidence: [wayOf(used, address), `rp_filter of ${spot.link.name} is 1 (strict)`],
    cure: cureOf(spot, address),
  });
}

function twoWays(used: Spot, unused: readonly Member[]): Finding {
  const [{ spot, address }] = unused;
  const names = list(unused.map((m) => m.spot.link.name));
  const text = `${names} and ${used.link.name} of ${nsText(used.ns)} are in one network: what is sent from ${list(unused.map((m) => m.address.address))} leaves by ${used.link.name}`;
  return finding('note', 'two-ways', spotName(spot), text, {
    evidence: [wayOf(used, address)],
    cure: cureOf(spot, address),
  });
}

function wayOf(used: Spot, address: SnapAddress): string {
  return `${nsText(used.ns)} reaches ${networkOf(address)}/${address.length} by ${used.link.name}`;
}

function cureOf({ ns, link }: Spot, { address }: SnapAddress): string {
  return `one of them out of the network, or a rule: ${inNs(ns, 'ip', `rule add from ${address} table 100`)} with the routes of ${link.name} in table 100`;
}
