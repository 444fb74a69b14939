// What the monitor group of ethtool hears: features that changed. Linux: net/ethtool/netlink.c, ethnl_notify_features(),
// ethnl_default_notify().

import type { NetDevice } from '../net/netdev.ts';
import { type DevEvent, Ev } from '../net/notifier.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { ETHTOOL_A_FEATURES, ETHTOOL_GENL_VERSION, ETHTOOL_MSG_FEATURES_NTF } from '../uapi/ethtool.ts';
import { NETLINK_GENERIC } from '../uapi/netlink.ts';
import { features } from './ethtool-features.ts';
import { ETHTOOL_ID, headerOf } from './ethtool-header.ts';
import { putGenl } from './genl-put.ts';
import { NOBODY, notifyGroup, rtnlOf } from './listeners.ts';

/** The id of the group "monitor", as the family tells it. */
export const MONITOR_GROUP = 6;

export function ethtoolEvent(event: DevEvent, dev: NetDevice): number {
  if (event !== Ev.FeatChange || dev.regState !== 'registered') return 0;
  const counted = rtnlOf(dev.core.kernel.namespaces[0]);
  const seq = ++counted.ethtoolSeq;
  notifyGroup(dev.ns, NETLINK_GENERIC, MONITOR_GROUP, ETHTOOL_ID, { ...NOBODY, seq }, (w) => {
    putGenl(w, ETHTOOL_MSG_FEATURES_NTF, ETHTOOL_GENL_VERSION);
    encodeTo(ETHTOOL_A_FEATURES, { header: headerOf(dev), ...features(dev, true) }, w);
  });
  return 0;
}
