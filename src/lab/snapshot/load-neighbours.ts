// What the namespaces of a snapshot knew of others: neighbours (ARP, ND), proxies, and entries of bridges' forwarding
// databases.

import { NEIGH } from '../../netlink/payload.ts';
import { parseIp, parseMac } from '../../uapi/format.ts';
import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../uapi/link.ts';
import { RTM_NEWNEIGH } from '../../uapi/msgtype.ts';
import * as nud from '../../uapi/neigh.ts';
import { NLM_F_CREATE, NLM_F_REPLACE } from '../../uapi/netlink.ts';
import type { SnapFdb, SnapNamespace, SnapNeighbour } from './snapshot.ts';
import type { World } from './world.ts';

/** States that somebody can set; those between them and the next question become STALE. */
const STATES: ReadonlyMap<string, number> = new Map([
  ['REACHABLE', nud.NUD_REACHABLE],
  ['STALE', nud.NUD_STALE],
  ['DELAY', nud.NUD_STALE],
  ['PROBE', nud.NUD_STALE],
  ['PERMANENT', nud.NUD_PERMANENT],
  ['NOARP', nud.NUD_NOARP],
]);
const FLAGS = NLM_F_CREATE | NLM_F_REPLACE;

export function addNeighbours(world: World): void {
  for (const ns of world.snapshot.namespaces) {
    for (const n of ns.neighbours) addNeighbour(world, ns, n);
    for (const entry of ns.fdb) addFdb(world, ns, entry);
  }
}

function addNeighbour(world: World, ns: SnapNamespace, n: SnapNeighbour): void {
  const state = STATES.get(n.state);
  if (!n.proxy && (state === undefined || n.mac === null)) return; // nobody has answered: it is asked again
  const flags = (n.proxy ? nud.NTF_PROXY : 0) | (n.router ? nud.NTF_ROUTER : 0);
  const header = { family: n.family === 4 ? AF_INET : AF_INET6, ifindex: n.dev, state: state ?? 0, flags };
  const mac = n.mac === null ? null : parseMac(n.mac);
  const attrs = { dst: parseIp(n.address) ?? undefined, ...(mac === null ? {} : { lladdr: mac }) };
  world.ask(world.at(ns.id), NEIGH, RTM_NEWNEIGH, FLAGS, header, attrs);
}

/** Bridges' entries that somebody set or that were learnt; the rest comes with the devices. */
function addFdb(world: World, ns: SnapNamespace, entry: SnapFdb): void {
  if (entry.master === null || entry.dev === entry.master) return;
  const own = ns.links.some((l) => l.index === entry.dev && l.mac === entry.mac);
  if (own) return;
  const state = entry.permanent ? nud.NUD_PERMANENT : entry.state === 'NOARP' ? nud.NUD_NOARP : nud.NUD_REACHABLE;
  const header = { family: AF_BRIDGE, ifindex: entry.dev, state, flags: nud.NTF_MASTER };
  const vlan = entry.vlan === null ? {} : { vlan: entry.vlan };
  world.ask(world.at(ns.id), NEIGH, RTM_NEWNEIGH, FLAGS, header, { lladdr: parseMac(entry.mac) ?? 0, ...vlan });
}
