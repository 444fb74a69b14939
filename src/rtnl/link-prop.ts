// RTM_NEWLINKPROP and RTM_DELLINKPROP: alternative names. Linux: rtnl_linkprop(), netdev_name_node_alt_create().

import type { NetDevice } from '../net/netdev.ts';
import { NlError } from '../netlink/error.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { IFLA } from '../uapi/link.ts';
import { RTM_NEWLINKPROP } from '../uapi/msgtype.ts';
import { A, devByName, hasName } from './link-attrs.ts';
import { ensureUniqueNetns } from './link-netns.ts';
import type { Request } from './request.ts';
import { Tb } from './tb.ts';

const NLA_HDRLEN = 4;
const ALTIFNAMSIZ = 128;
/** A nest can be no longer than its 16-bit length says. */
const LIST_MAX = 0xffff;

export function changeLinkProps(req: Request): void {
  const tb = req.parse(IFINFOMSG, IFLA, true);
  ensureUniqueNetns(tb, true);
  const { index } = req.header(IFINFOMSG);
  if (index <= 0 && !hasName(tb)) throw new NlError('EINVAL');
  const dev = index > 0 ? req.ns.devByIndex(index) : devByName(req.ns, tb);
  if (dev === null) throw new NlError('ENODEV');
  if (!tb.has(A.PROP_LIST)) return;
  let changed = false;
  tb.each(A.PROP_LIST, (type, from, to) => {
    if (type !== A.ALT_IFNAME) return;
    req.refuseNest(IFLA, from - NLA_HDRLEN, to, { strict: true });
    const name = new Tb(req.msg, from - NLA_HDRLEN, to).text(A.ALT_IFNAME, ALTIFNAMSIZ - 1);
    if (req.type === RTM_NEWLINKPROP) addName(dev, name);
    else dropName(dev, name);
    changed = true;
  });
  if (changed) dev.core.stateChange(dev);
}

function addName(dev: NetDevice, name: string): void {
  const size = 4 + (dev.altNames.length + 1) * (NLA_HDRLEN + ALTIFNAMSIZ);
  if (size >= LIST_MAX) throw new NlError('EINVAL', 'effective property list too long');
  if (dev.ns.dev(name) !== null) throw new NlError('EEXIST');
  dev.altNames = [...dev.altNames, name];
  dev.ns.byName.set(name, dev);
}

function dropName(dev: NetDevice, name: string): void {
  const holder = dev.ns.dev(name);
  if (holder === null) throw new NlError('ENOENT');
  if (holder !== dev || !dev.altNames.includes(name)) throw new NlError('EINVAL');
  dev.altNames = dev.altNames.filter((n) => n !== name);
  dev.ns.byName.delete(name);
  dev.ns.nextOfPattern.clear();
}
