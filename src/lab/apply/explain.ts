// Why a kernel refused, in words, found by looking at the machine. Null where nothing is known: a guess would mislead.
// What can be the matter is a table, refusals.ts.

import { NlError } from '../../netlink/error.ts';
import type { Access } from './access.ts';
import { deviceName, HOST } from './access.ts';
import type { Action } from './actions.ts';
import { type Refused, seenAt } from './culprit.ts';
import { prefixText } from './desired.ts';
import { ANYWHERE, type Asking, REFUSALS } from './refusals.ts';

export interface Explained {
  readonly why: string;
  readonly cure: string;
}

export function explain(access: Access, action: Action, refusal: Error): Explained | null {
  try {
    return explained(access, action, refusal);
  } catch {
    return null; // the machine cannot be looked at: what was refused is bad news enough
  }
}

function explained(access: Access, action: Action, refusal: Error): Explained | null {
  const code = refusal instanceof NlError ? refusal.code : /\b(E[A-Z0-9]{3,})\b/.exec(refusal.message)?.[1];
  const askings = askingsOf(action);
  const rows = REFUSALS.filter((r) => r.errno === code && [r.asking].flat().some((a) => askings.includes(a)));
  if (rows.length > 0) {
    const what = refusedOf(access, action, refusal);
    for (const { why, cure } of rows) {
      const found = why(what);
      if (found !== null) return { why: found, cure };
    }
  }
  const any = ANYWHERE.find((r) => r.errno === code);
  return any === undefined ? null : { why: any.why(null as never) as string, cure: any.cure };
}

function askingsOf(action: Action): Asking[] {
  switch (action.do) {
    case 'altname-add':
    case 'altname-del':
      return ['altname'];
    case 'link-add':
      return ['create'];
    case 'link-set':
      return action.change.up === true ? ['up', 'change'] : ['change'];
    case 'link-del':
    case 'links-del':
    case 'group-del':
      return ['remove'];
    case 'netns-add':
    case 'netns-del':
    case 'netns-back':
      return ['namespace'];
    case 'sysctl':
    case 'offload':
      return [action.do];
    default:
      return [action.do.startsWith('address') ? 'address' : 'route'];
  }
}

function refusedOf(access: Access, action: Action, refusal: Error): Refused {
  const place = 'place' in action ? action.place : HOST;
  const link = action.do === 'link-add' ? action.link : null;
  const change = action.do === 'link-set' ? action.change : null;
  const route = 'route' in action ? action.route : null;
  const address = 'address' in action ? action.address : null;
  const ifname = link?.ifname ?? ('ifname' in action ? action.ifname : 'name' in action ? action.name : '');
  const host = seenAt(access, HOST);
  const there = seenAt(access, place);
  const self = there.find((l) => l.ifname === ifname);
  const onto = link?.lower ?? self?.lower;
  return {
    ...{ access, place, ifname, link, change, route, host, there, self },
    altname: action.do === 'altname-add' ? action.name : '',
    where: deviceName(place, ifname),
    netlink: refusal instanceof NlError,
    extack: refusal instanceof NlError ? (refusal.extack.text ?? '') : '',
    address: address === null ? '' : prefixText(address),
    six: address?.family === 6 || route?.to?.family === 6 || route?.via?.includes(':') === true,
    mac: link !== null ? link.mac : (self?.mac ?? null),
    mtu: link?.mtu ?? change?.mtu ?? null,
    lower: host.find((l) => l.index === onto || l.ifname === onto),
  };
}
