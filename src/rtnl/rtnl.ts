// The model's kernel side of netlink: who is told what, installed into the kernel's hooks. Requests come in through
// sockets (socket.ts) and find their handler in handlers.ts (rtnetlink) and genl.ts (generic netlink).
// Attach it after inet, whose state some of its notifications show; its link messages come before all others by themselves.

import { inetHooks } from '../inet/control.ts';
import { inet6Hooks } from '../inet/control6.ts';
import type { Kernel } from '../net/kernel.ts';
import { Rank } from '../net/notifier.ts';
import { addrChanged } from './addr.ts';
import { addr6Changed } from './addr6.ts';
import { bridgePortChanged } from './bridge-link.ts';
import { ethtoolEvent } from './ethtool-notify.ts';
import { fdbChanged } from './fdb.ts';
import { linkChanged, linkEvent, linkGone, nsidAdded, nsidGone } from './link-notify.ts';
import { linkInfoChanged } from './link6.ts';
import { neigh6Changed, neighChanged } from './neigh.ts';
import { netconfChanged, netconfEvent } from './netconf.ts';
import { netconf6Came, netconf6Changed, netconf6Went } from './netconf6.ts';
import { prefixHeard } from './prefix6.ts';
import { routeChanged } from './route.ts';
import { route6Changed } from './route6.ts';

export { type NlFds, NlSocket, openNetlink } from './socket.ts';

/** Lets listeners of netlink sockets hear what happens in this kernel. */
export function attachRtnl(kernel: Kernel): void {
  const { hooks } = kernel;
  hooks.linkChanged = linkChanged;
  hooks.linkGone = linkGone;
  hooks.nsidAdded = nsidAdded;
  hooks.nsidGone = nsidGone;
  hooks.bridgePortChanged = bridgePortChanged;
  hooks.fdbChanged = fdbChanged;
  kernel.notifiers.add(linkEvent, Rank.Rtnetlink);
  kernel.notifiers.add(netconfEvent, Rank.Core);
  kernel.notifiers.add(ethtoolEvent, Rank.Core);
  const inet = inetHooks(kernel);
  inet.addrChanged = addrChanged;
  inet.routeChanged = routeChanged;
  inet.neighChanged = neighChanged;
  inet.netconfChanged = netconfChanged;
  const inet6 = inet6Hooks(kernel);
  inet6.addrChanged = addr6Changed;
  inet6.routeChanged = route6Changed;
  inet6.neighChanged = neigh6Changed;
  inet6.netconfChanged = netconf6Changed;
  inet6.netconfCame = netconf6Came;
  inet6.netconfWent = netconf6Went;
  inet6.linkInfoChanged = linkInfoChanged;
  inet6.prefixHeard = prefixHeard;
}
