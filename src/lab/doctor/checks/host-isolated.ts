// Macvlans that their own host cannot reach: what it sends goes to the wire, and a macvlan hears the wire, not the host. A
// macvlan of the host's own on the same device (a shim), both in bridge mode, is the way.

import { formatMac } from '../../../uapi/format.ts';
import { stableMac } from '../../apply/names.ts';
import { findLink, type SnapRoute } from '../../snapshot/snapshot.ts';
import { offloadState } from '../../status/rows.ts';
import { type MacvlanSpot, type Spot, spotName, type View } from '../../status/view.ts';
import { fixOf, SHIM_LAB } from '../acts.ts';
import { isGlobal, Routes } from '../address.ts';
import { type Check, type Finding, type Fix, finding, type ShimRoute } from '../finding.ts';
import { reflects } from '../reflects.ts';
import { list } from '../words.ts';

/** An address that the host sends to the wrong place. */
interface Missed {
  readonly upper: MacvlanSpot;
  readonly address: string;
  readonly route: SnapRoute;
}

export const hostIsolated: Check = {
  codes: ['host-isolated'],
  examine({ view }) {
    return view.lowers.flatMap((lower) => {
      if (!lower.link.up || reflects(view, lower)) return [];
      const missed = missedOf(view, lower);
      return missed.length === 0 ? [] : [tell(view, lower, missed)];
    });
  },
};

function missedOf(view: View, lower: Spot): Missed[] {
  const routes = new Routes(lower.ns);
  return view.uppers(lower).flatMap((upper) => {
    if (upper.ns === lower.ns || !upper.link.up || upper.macvlan.mode === 'passthru') return [];
    if (offloadState(view, upper) === 'nic') return []; // the NIC's own switch has it
    return upper.addresses.filter(isGlobal).flatMap(({ address }) => {
      const route = routes.to(address);
      if (route === null || route.via !== null || route.type !== 'unicast') return [];
      return reaches(lower, upper, route) ? [] : [{ upper, address, route }];
    });
  });
}

/** Is the route over something else than the lowerdev, or over a shim in a mode that works? */
function reaches(lower: Spot, upper: MacvlanSpot, route: SnapRoute): boolean {
  if (route.dev === lower.link.index) return false;
  const shim = findLink(lower.ns, route.dev);
  if (shim?.macvlan == null || shim.link !== lower.link.index || shim.linkNsid !== null) return true;
  return shim.up && shim.macvlan.mode === 'bridge' && upper.macvlan.mode === 'bridge';
}

function tell(view: View, lower: Spot, missed: readonly Missed[]): Finding {
  const name = spotName(lower);
  const curable = missed.filter((m) => m.upper.macvlan.mode === 'bridge');
  const evidence = missed.slice(0, 8).map(({ upper, address, route }) => {
    const dev = findLink(lower.ns, route.dev)?.name ?? '?';
    return `${spotName(upper)} (${upper.macvlan.mode}) has ${address}; the route of the host goes out by ${dev}`;
  });
  if (missed.length > evidence.length) evidence.push(`and ${missed.length - evidence.length} more addresses`);
  const who = list([...new Set(missed.map((m) => spotName(m.upper)))]);
  const fix = curable.length === 0 ? null : shimOf(view, lower, curable);
  const other = curable.length === missed.length ? '' : 'only bridge mode hears a shim: change the mode of the others';
  return finding(
    'warning',
    'host-isolated',
    name,
    `the host does not reach ${who}: no frame goes between ${name} and what stands on it`,
    {
      evidence,
      cure: [fix === null ? '' : `a macvlan of the host on ${name} (a shim), and routes over it`, other]
        .filter((t) => t !== '')
        .join('; '),
      fix,
    },
  );
}

function shimOf(view: View, lower: Spot, curable: readonly Missed[]): Fix {
  const { ns, link } = lower;
  const there = view
    .uppers(lower)
    .find((u) => u.ns === ns && u.link.up && u.macvlan.mode === 'bridge' && u.link.kind === 'macvlan');
  const name =
    there?.link.name ??
    freeName(
      ns.links.map((l) => l.name),
      link.name,
    );
  const mac = there === undefined ? stableMac(SHIM_LAB, `shim/${link.name}`) : null;
  const macText = mac === null ? null : formatMac(mac);
  const seen = new Set<string>();
  const routes = curable.flatMap(({ address, route }): ShimRoute[] => {
    if (seen.has(address)) return [];
    seen.add(address);
    return [{ to: address, src: route.src ?? sourceOn(view, lower, address) }];
  });
  const create = macText === null ? null : { mac: macText };
  return fixOf(ns, { do: 'shim', ns: ns.id, lower: link.index, name, create, routes });
}

function sourceOn(view: View, lower: Spot, to: string): string | null {
  const family = to.includes(':') ? 6 : 4;
  return view.addresses(lower).find((a) => a.family === family && isGlobal(a))?.address ?? null;
}

function freeName(taken: readonly string[], lower: string): string {
  for (let i = 0; ; i++) {
    const name = `shim${i === 0 ? '' : i}-${lower}`.slice(0, 15);
    if (!taken.includes(name)) return name;
  }
}
