// Addresses, routes and rules of a snapshot in a model. What the kernel makes by itself (connected and local routes, the
// first rules) is there already: only what differs is changed.

import { in6Dev } from '../../inet/state6.ts';
import { sysctlRead, sysctlWrite } from '../../inet/sysctl.ts';
import { ADDR, ROUTE, RULE } from '../../netlink/payload.ts';
import { IFA_F_DADFAILED, IFA_F_TEMPORARY, IFA_F_TENTATIVE, INFINITY_LIFE_TIME } from '../../uapi/addr.ts';
import { parseIp } from '../../uapi/format.ts';
import { AF_INET, AF_INET6 } from '../../uapi/link.ts';
import { RTM_DELROUTE, RTM_DELRULE, RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWRULE } from '../../uapi/msgtype.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/netlink.ts';
import { RT_SCOPE_NAMES, RT_TABLE_UNSPEC, RTN_NAMES, RTPROT_NAMES } from '../../uapi/route.ts';
import { FIB_RULE_INVERT } from '../../uapi/rule.ts';
import { in6Of } from '../../wire/in6.ts';
import { Dumps } from './dump.ts';
import { ADDRESS_FLAGS, NEXTHOP_FLAGS, RULE_ACTIONS, readRoutes, readRules } from './inet.ts';
import type { SnapAddress, SnapNamespace, SnapNexthop, SnapRoute, SnapRule } from './snapshot.ts';
import { refusalText, type World } from './world.ts';

const NEW = NLM_F_CREATE | NLM_F_EXCL;
/** Flags that the kernel sets, and nobody can ask for. */
const KERNELS = IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_TEMPORARY;
const familyOf = (family: 4 | 6): number => (family === 4 ? AF_INET : AF_INET6);
const ip = (text: string | null) => (text === null ? undefined : (parseIp(text) ?? undefined));

function numberOf(names: ReadonlyMap<number, string>, text: string): number {
  return [...names].find(([, name]) => name === text)?.[0] ?? Number(text);
}

function bitsOf(flags: readonly string[], names: readonly (readonly [number, string])[]): number {
  return names.reduce((bits, [bit, name]) => (flags.includes(name) ? bits | bit : bits), 0);
}

/** Duplicate address detection is over for all of them, as it was when the snapshot was taken. */
export function addAddresses(world: World): void {
  for (const ns of world.snapshot.namespaces) {
    const net = world.at(ns.id);
    const path = (who: string): string => `net/ipv6/conf/${who}/accept_dad`;
    const names = ['all', ...ns.links.map((l) => l.name)];
    const before = names.map((who) => sysctlRead(net, path(who)));
    for (const who of names) sysctlWrite(net, path(who), '0');
    for (const address of inOrder(ns.addresses)) addAddress(world, ns, address);
    for (const [i, who] of names.entries()) {
      const text = before[i];
      if (typeof text === 'string') sysctlWrite(net, path(who), text.trim());
    }
  }
}

/** The kernel puts a new IPv6 address before its equals. */
function inOrder(addresses: readonly SnapAddress[]): SnapAddress[] {
  return [...addresses.filter((a) => a.family === 4), ...addresses.filter((a) => a.family === 6).reverse()];
}

function addAddress(world: World, ns: SnapNamespace, a: SnapAddress): void {
  const link = ns.links.find((l) => l.index === a.dev);
  if (link?.name === 'lo' && (a.address === '127.0.0.1' || a.address === '::1')) return; // came with it
  const flags = bitsOf(a.flags, ADDRESS_FLAGS);
  const forever = a.validSec === null;
  const header = {
    family: familyOf(a.family),
    prefixlen: a.length,
    scope: numberOf(RT_SCOPE_NAMES, a.scope),
    index: a.dev,
  };
  const attrs = {
    local: ip(a.address),
    address: ip(a.peer ?? a.address),
    ...(a.broadcast === null ? {} : { broadcast: ip(a.broadcast) }),
    ...(a.label === '' ? {} : { label: a.label }),
    flags: flags & ~KERNELS,
    ...(a.proto === 0 ? {} : { proto: a.proto }),
    ...(a.metric === 0 ? {} : { rtPriority: a.metric }),
    ...(forever
      ? {}
      : {
          cacheinfo: {
            valid: a.validSec ?? INFINITY_LIFE_TIME,
            prefered: a.preferredSec ?? INFINITY_LIFE_TIME,
            cstamp: 0,
            tstamp: 0,
          },
        }),
  };
  const refusal = world.ask(world.at(ns.id), ADDR, RTM_NEWADDR, NEW, header, attrs);
  if (refusal !== null && refusal.code !== 'EEXIST') {
    world.note(
      ns,
      `${link?.name ?? a.dev}: the model does not take the address ${a.address}/${a.length}: ${refusalText(refusal)}`,
    );
  }
}

/** Tentative, DAD has failed, temporary: as it was at that moment, which does not pass in the model. */
export function markAddresses(world: World): void {
  for (const ns of world.snapshot.namespaces) {
    for (const a of ns.addresses) {
      const flags = bitsOf(a.flags, ADDRESS_FLAGS) & KERNELS;
      if (a.family === 6 && flags !== 0) markAddress(world, ns, a, flags);
    }
  }
}

function markAddress(world: World, ns: SnapNamespace, a: SnapAddress, flags: number): void {
  const dev = world.at(ns.id).devByIndex(a.dev);
  const address = in6Of(a.address);
  const own = dev === null ? null : in6Dev(dev)?.addrs.find((o) => address !== null && o.addr.equals(address));
  if (own !== null && own !== undefined) own.flags |= flags;
}

export function setRules(world: World): void {
  for (const ns of world.snapshot.namespaces) {
    if (ns.rules.length === 0) continue; // a kernel without policy routing
    const net = world.at(ns.id);
    const now = readRules(new Dumps(world.client(net), '', []));
    const key = (r: SnapRule): string => JSON.stringify(r);
    const wanted = new Set(ns.rules.map(key));
    const there = new Set(now.map(key));
    for (const rule of ns.rules.filter((r) => !there.has(key(r)))) setRule(world, ns, rule, true);
    for (const rule of now.filter((r) => !wanted.has(key(r)))) setRule(world, ns, rule, false);
  }
}

function setRule(world: World, ns: SnapNamespace, rule: SnapRule, add: boolean): void {
  const text = ruleText(rule);
  const prefix = (t: string | undefined) => {
    const [address, length] = (t ?? '').split('/');
    return { address: t === undefined ? undefined : ip(address), length: Number(length ?? 0) };
  };
  const { from, to, iif, oif, tos, ...others } = rule.match;
  const { goto, suppress_prefixlength, suppress_ifgroup, ...effects } = rule.effect;
  const strange = [...Object.keys(others), ...Object.keys(effects)];
  if (strange.length > 0) {
    world.note(ns, `the rule "${text}" is left out: the model has no rules with ${strange.join(', ')}`);
    return;
  }
  const [src, dst] = [prefix(from), prefix(to)];
  const header = {
    family: familyOf(rule.family),
    srcLen: src.length,
    dstLen: dst.length,
    tos: Number(tos ?? 0),
    table: rule.table < 256 ? rule.table : RT_TABLE_UNSPEC,
    action: numberOf(RULE_ACTIONS, rule.action),
    flags: rule.not ? FIB_RULE_INVERT : 0,
  };
  const attrs = {
    ...(src.address === undefined ? {} : { src: src.address }),
    ...(dst.address === undefined ? {} : { dst: dst.address }),
    ...(iif === undefined ? {} : { iifname: iif }),
    ...(oif === undefined ? {} : { oifname: oif }),
    ...(goto === undefined ? {} : { goto: Number(goto) }),
    ...(suppress_prefixlength === undefined ? {} : { suppressPrefixlen: Number(suppress_prefixlength) }),
    ...(suppress_ifgroup === undefined ? {} : { suppressIfgroup: Number(suppress_ifgroup) }),
    ...(rule.table === 0 ? {} : { table: rule.table }),
    priority: rule.priority,
  };
  const [type, flags] = add ? [RTM_NEWRULE, NEW] : [RTM_DELRULE, 0];
  const refusal = world.ask(world.at(ns.id), RULE, type, flags, header, attrs);
  if (refusal === null) return;
  world.note(ns, `the rule "${text}" ${add ? 'is left out' : 'is not there'}: ${refusalText(refusal)}`);
}

function ruleText(r: SnapRule): string {
  const words = Object.entries({ ...r.match, ...r.effect }).map(([k, v]) => `${k} ${v}`);
  const what = r.action === 'table' ? `lookup ${r.table}` : r.action;
  return `${r.priority}: ${r.not ? 'not ' : ''}${[...words, what].join(' ')}`;
}

/** Ways that need another route (a gateway's) come after it: again, while there is progress. */
export function setRoutes(world: World): void {
  for (const ns of world.snapshot.namespaces) {
    const net = world.at(ns.id);
    const now = readRoutes(new Dumps(world.client(net), '', []));
    const wanted = new Set(ns.routes.map(routeKey));
    const there = new Set(now.map(routeKey));
    for (const route of now.filter((r) => !wanted.has(routeKey(r)))) change(world, ns, route, false);
    let waiting = ns.routes.filter((r) => !there.has(routeKey(r)) && world.at(ns.id).devByIndex(r.dev ?? 1) !== null);
    for (;;) {
      const refused = waiting.flatMap((route) => {
        const why = change(world, ns, route, true);
        return why === null ? [] : { route, why };
      });
      if (refused.length === 0) break;
      if (refused.length === waiting.length) {
        for (const { route, why } of refused) world.note(ns, `the route "${routeText(ns, route)}" is left out: ${why}`);
        break;
      }
      waiting = refused.map((r) => r.route);
    }
  }
}

/** States of the kernel aside. */
function routeKey(r: SnapRoute): string {
  return JSON.stringify({ ...r, flags: r.flags.filter((f) => f === 'onlink'), nexthops: r.nexthops.map(hopKey) });
}

function hopKey({ dev, via, weight }: SnapNexthop): string {
  return `${dev} ${via} ${weight}`;
}

/** What was refused, in words; null: done. */
function change(world: World, ns: SnapNamespace, r: SnapRoute, add: boolean): string | null {
  if (add && r.other.length > 0) return `the model has no routes with ${r.other.join(', ')}`;
  const header = {
    family: familyOf(r.family),
    dstLen: r.to?.length ?? 0,
    tos: r.tos,
    table: r.table < 256 ? r.table : RT_TABLE_UNSPEC,
    protocol: numberOf(RTPROT_NAMES, r.protocol),
    scope: numberOf(RT_SCOPE_NAMES, r.scope),
    type: (RTN_NAMES as readonly string[]).indexOf(r.type),
    flags: bitsOf(
      r.flags.filter((f) => f === 'onlink'),
      NEXTHOP_FLAGS,
    ),
  };
  const attrs = {
    ...(r.to === null ? {} : { dst: ip(r.to.address) }),
    ...(r.dev === null ? {} : { oif: r.dev }),
    ...(r.via === null ? {} : { gateway: ip(r.via) }),
    ...(r.src === null ? {} : { prefsrc: ip(r.src) }),
    ...(r.metric === 0 ? {} : { priority: r.metric }),
    ...(Object.keys(r.metrics).length === 0 ? {} : { metrics: r.metrics }),
    ...(r.nexthops.length === 0 ? {} : { multipath: r.nexthops.map(hopOf) }),
    table: r.table,
  };
  const type = add ? RTM_NEWROUTE : RTM_DELROUTE;
  // IPv6 lists several routes to one place (and metric) as equals
  const flags = !add ? 0 : r.family === 6 ? NLM_F_CREATE | NLM_F_APPEND : NEW;
  const refusal = world.ask(world.at(ns.id), ROUTE, type, flags, header, attrs);
  return refusal === null ? null : refusalText(refusal);
}

function hopOf({ dev, via, weight, flags }: SnapNexthop): object {
  const bits = bitsOf(
    flags.filter((f) => f === 'onlink'),
    NEXTHOP_FLAGS,
  );
  return {
    header: { ifindex: dev, hops: weight - 1, flags: bits },
    attrs: via === null ? {} : { gateway: ip(via) },
  };
}

export function routeText(ns: SnapNamespace, r: SnapRoute): string {
  const name = (dev: number): string => ns.links.find((l) => l.index === dev)?.name ?? String(dev);
  const to = r.to === null ? 'default' : `${r.to.address}/${r.to.length}`;
  const words = [r.type === 'unicast' ? '' : r.type, to];
  if (r.via !== null) words.push(`via ${r.via}`);
  if (r.dev !== null) words.push(`dev ${name(r.dev)}`);
  for (const hop of r.nexthops) words.push(`nexthop ${hop.via === null ? '' : `via ${hop.via} `}dev ${name(hop.dev)}`);
  if (r.table !== 254) words.push(`table ${r.table}`);
  if (r.src !== null) words.push(`src ${r.src}`);
  if (r.metric !== 0) words.push(`metric ${r.metric}`);
  return words.filter((w) => w !== '').join(' ');
}
