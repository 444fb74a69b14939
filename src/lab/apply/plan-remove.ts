// The steps of a plan that remove links. Linux waits for all readers (RCU) with every link that goes, some 16 ms; many of
// one namespace go at once, by their group, when nobody else is in it.

import { MACVLAN_MODE_PASSTHRU } from '../../uapi/linkinfo.ts';
import { deviceName } from './access.ts';
import type { Action } from './actions.ts';
import { type Current, type CurrentNs, ipv6Path, type OwnLink } from './current.ts';
import { goingGroupOf } from './names.ts';
import type { Act, Step } from './plan.ts';
import { restoreTraits } from './traits.ts';

/** From so many on it is worth it. */
export const MANY = 8;

/** `why` a link goes only to come again; '' or absent: for good. VLAN devices go after what stands on them. */
export function removeLinks(
  gone: readonly OwnLink[],
  current: Current,
  group: number,
  why: ReadonlyMap<OwnLink, string>,
): Step[] {
  const steps: Step[] = [];
  const done = new Set<OwnLink>();
  for (const ns of current.namespaces) {
    const here = gone.filter((own) => own.place === ns.ref);
    if (here.length < MANY || here.some((own) => own.kind === 'vlan')) continue;
    for (const own of here) done.add(own);
    const texts = here.map((own) => textOf(own, why));
    const undo = here.flatMap(restore);
    const ifnames = here.map((own) => own.ifname);
    const action: Action = asGroup(here, ns, group)
      ? { do: 'group-del', place: ns.ref, group }
      : { do: 'links-del', place: ns.ref, ifnames, group: goingGroupOf(group) };
    const last: Act = { action, undo };
    steps.push(...texts.map((text, i): Step => ({ sign: '-', text, acts: i === texts.length - 1 ? [last] : [] })));
  }
  const rest = gone.filter((own) => !done.has(own));
  for (const own of [...rest.filter((o) => o.kind !== 'vlan'), ...rest.filter((o) => o.kind === 'vlan')]) {
    const acts: Act[] = [{ action: { do: 'link-del', place: own.place, ifname: own.ifname }, undo: restore(own) }];
    steps.push({ sign: '-', text: textOf(own, why), acts });
  }
  return steps;
}

/** Whether the group's members in this namespace are exactly these. */
function asGroup(here: readonly OwnLink[], ns: CurrentNs, group: number): boolean {
  if (here.some((own) => own.group !== group)) return false;
  return ns.links.filter((l) => l.group === group).length === here.length;
}

function textOf(own: OwnLink, why: ReadonlyMap<OwnLink, string>): string {
  const reason = why.get(own) ?? '';
  return `${deviceName(own.place, own.ifname)}: ${own.kind}${reason === '' ? '' : `, to be made anew: ${reason}`}`;
}

/** A removed link with its ifindex and all that it carried. */
function restore(own: OwnLink): Action[] {
  const { place, ifname, group, index, mtu, queues, txQueueLen, macvlan, vlan } = own;
  const kind = own.kind === 'vlan' || own.kind === 'macvtap' ? own.kind : 'macvlan';
  const mac = macvlan?.mode === MACVLAN_MODE_PASSTHRU ? null : own.mac;
  const link = {
    ifname,
    kind,
    lower: own.lower,
    group,
    index,
    mac,
    mtu,
    queues,
    txQueueLen,
    macvlan,
    vlan,
    up: false,
  } as const;
  const out: Action[] = [{ do: 'link-add', place, link }];
  if (own.alias !== '') out.push({ do: 'link-set', place, ifname, change: { alias: own.alias } });
  if (own.ipv6 !== null && own.ipv6 !== own.ipv6Default) {
    out.push({ do: 'sysctl', place, path: ipv6Path(ifname), value: own.ipv6 ? '0' : '1' });
  }
  out.push(...restoreTraits({ place, ifname }, own.traits));
  if (own.up) out.push({ do: 'link-set', place, ifname, change: { up: true } });
  for (const address of own.addresses) out.push({ do: 'address-add', place, ifname, address });
  for (const route of own.routes) out.push({ do: 'route-add', place, ifname, route });
  return out;
}
