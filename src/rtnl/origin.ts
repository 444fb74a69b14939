// On whose behalf something changed: addresses, routes and neighbours name the request in their notifications, when it
// was one of their own kind; what follows from other requests (a link went down) names nobody.

import type { NetNs } from '../net/netns.ts';
import { NOBODY, type Origin, rtnlOf } from './listeners.ts';

export function originOf(ns: NetNs, ...types: readonly number[]): Origin {
  const request = rtnlOf(ns).current;
  return request !== null && types.includes(request.type) ? { request, always: true } : NOBODY;
}
