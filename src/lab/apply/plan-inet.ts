// Addresses and routes of a link that is there: which come, which go, and what Linux takes along with an address.

import type { LabRoute, Prefix } from '../file/lab.ts';
import type { Action } from './actions.ts';
import type { OwnLink } from './current.ts';
import { prefixText, routeText, type WantedLink } from './desired.ts';
import type { Act } from './plan.ts';

/** `sixGone`: IPv6 was just turned off, and has taken its addresses and routes along. */
export function inetActs(wanted: WantedLink, own: OwnLink, sixGone: boolean): { text: string; acts: Act[] }[] {
  const { place, ifname } = own;
  const had = own.addresses.filter((a) => !(sixGone && a.family === 6));
  const routed = own.routes.filter((r) => !(sixGone && familyOf(r) === 6));
  const address = (how: 'add' | 'keep' | 'del', a: Prefix): Action => ({
    ...{ do: `address-${how}`, place, ifname, address: a },
  });
  const route = (how: 'add' | 'keep' | 'del', r: LabRoute): Action => ({ do: `route-${how}`, place, ifname, route: r });
  const [newAddresses, oldAddresses] = difference(wanted.addresses, had, prefixText);
  const [newRoutes, oldRoutes] = difference(wanted.routes, routed, routeText);
  const out: { text: string; acts: Act[] }[] = [];

  for (const r of oldRoutes) out.push({ text: `no ${routeText(r)}`, acts: [act(route('del', r), route('keep', r))] });
  // With an address go the secondary ones of its network, and with the last one all routes: what stays is asked for again.
  for (const a of oldAddresses) {
    const same = had.filter((b) => b.family === a.family);
    const routes = routed.filter((r) => familyOf(r) === a.family);
    const back = [address('keep', a), ...same.map((b) => address('keep', b)), ...routes.map((r) => route('keep', r))];
    out.push({ text: `no ${prefixText(a)}`, acts: [act(address('del', a), ...back)] });
  }
  const shaken = new Set(oldAddresses.map((a) => a.family));
  const stays = had.filter((a) => shaken.has(a.family) && !oldAddresses.includes(a));
  const last = out.at(-1)?.acts;
  for (const a of stays) last?.push(act(address('keep', a)));
  for (const a of newAddresses) {
    const routes = routed.filter((r) => familyOf(r) === a.family && !oldRoutes.includes(r));
    const back = [address('del', a), ...routes.map((r) => route('keep', r))];
    out.push({ text: prefixText(a), acts: [act(address('add', a), ...back)] });
  }
  const lost = routed.filter((r) => shaken.has(familyOf(r)) && !oldRoutes.includes(r));
  for (const r of lost) out.at(-1)?.acts.push(act(route('keep', r)));
  for (const r of newRoutes) out.push({ text: routeText(r), acts: [act(route('add', r), route('del', r))] });
  return out;
}

function act(action: Action, ...undo: Action[]): Act {
  return { action, undo };
}

function familyOf({ to, via }: LabRoute): 4 | 6 {
  return to?.family ?? (via?.includes(':') === true ? 6 : 4);
}

/** What is wanted and not there, and what is there and not wanted. */
function difference<T>(wanted: readonly T[], had: readonly T[], text: (item: T) => string): [T[], T[]] {
  const [w, h] = [new Set(wanted.map(text)), new Set(had.map(text))];
  return [wanted.filter((item) => !h.has(text(item))), had.filter((item) => !w.has(text(item)))];
}
