// Tells of links: RTM_NEWLINK when one is made or changes, RTM_DELLINK when it is gone, RTM_NEWNSID when a namespace
// gives an id to another, RTM_DELNSID when that other dies. Who changed what is the core's business; it calls these through kernel.hooks and notifiers.
// Linux: rtmsg_ifinfo(), rtnetlink_event(), rtnl_net_notifyid().

import type { NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { type DevEvent, Ev } from '../net/notifier.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { writeStruct } from '../netlink/struct.ts';
import { RTM_DELLINK, RTM_DELNSID, RTM_NEWLINK, RTM_NEWNSID } from '../uapi/msgtype.ts';
import { NETNSA, RTGENMSG } from '../uapi/netns.ts';
import { RTNLGRP_LINK, RTNLGRP_NSID } from '../uapi/rtnlgrp.ts';
import { fillLink, type LinkView, linkNetOf } from './link-fill.ts';
import { NOBODY, notify, type Origin, rtnlOf } from './listeners.ts';
import type { Request } from './request.ts';

const ALL = 0xffffffff;

/** IFLA_EVENT_*. */
const EVENT_FEATURES = 2;
const EVENT_BONDING_FAILOVER = 3;
const EVENT_NOTIFY_PEERS = 4;
const EVENT_IGMP_RESEND = 5;
const EVENT_BONDING_OPTIONS = 6;

/** Events after which listeners hear of the device, and the IFLA_EVENT that goes with it. */
const TOLD: ReadonlyMap<DevEvent, number | undefined> = new Map<DevEvent, number | undefined>([
  [Ev.ChangeMtu, undefined],
  [Ev.ChangeAddr, undefined],
  [Ev.ChangeName, undefined],
  [Ev.FeatChange, EVENT_FEATURES],
  [Ev.BondingFailover, EVENT_BONDING_FAILOVER],
  [Ev.ChangeLowerState, undefined],
  [Ev.NotifyPeers, EVENT_NOTIFY_PEERS],
  [Ev.ResendIgmp, EVENT_IGMP_RESEND],
  [Ev.ChangeInfoData, EVENT_BONDING_OPTIONS],
]);

/** A device changed; `change` is ifi_change. Linux: rtmsg_ifinfo(RTM_NEWLINK). */
export function linkChanged(dev: NetDevice, change: number): void {
  if (dev.regState !== 'registered') return;
  tellLink(RTM_NEWLINK, dev, { change: change >>> 0 });
}

/** The core's events that rtnetlink passes on. Linux: rtnetlink_event(). */
export function linkEvent(event: DevEvent, dev: NetDevice): number {
  if (dev.regState !== 'registered' || !TOLD.has(event)) return 0;
  const why = TOLD.get(event);
  tellLink(RTM_NEWLINK, dev, why === undefined ? {} : { event: why });
  return 0;
}

/** A device is gone, or moved to another namespace. */
export function linkGone(dev: NetDevice, movedTo: NetNs | null, newIndex: number, nsid: number): void {
  if (rtnlOf(dev.ns).unborn.has(dev)) return;
  const view = movedTo === null ? { change: ALL } : { change: ALL, newNsid: nsid, newIfindex: newIndex };
  tellLink(RTM_DELLINK, dev, view);
}

function tellLink(type: number, dev: NetDevice, view: LinkView): void {
  const { ns } = dev;
  const below = linkNetOf(dev);
  if (below !== ns) ns.idOf(below, true); // the message is filled in even when nobody hears it
  // Hooks do not say on whose behalf; only the link that a request itself makes or removes is echoed.
  notify(ns, RTNLGRP_LINK, type, echoFor(ns, dev, type), (w) => fillLink(w, dev, view));
}

/** NLM_F_ECHO concerns the creation and the deletion of the device that was asked for. */
function echoFor(ns: NetNs, dev: NetDevice, type: number): Origin {
  const state = rtnlOf(ns);
  return state.echoed === dev && state.echoedType === type ? { request: state.current, always: false } : NOBODY;
}

export function nsidAdded(ns: NetNs, _other: NetNs, id: number): void {
  tellNsid(ns, id, null);
}

/** The namespace that had this id is dying; its devices are still there. */
export function nsidGone(ns: NetNs, id: number): void {
  tellNsid(ns, id, null, RTM_DELNSID);
}

/** An id was given: by the kernel itself (`request` null) or because somebody asked for it. */
export function tellNsid(ns: NetNs, id: number, request: Request | null, type = RTM_NEWNSID): void {
  notify(ns, RTNLGRP_NSID, type, { request, always: true }, (w) => {
    writeStruct(RTGENMSG, { family: 0 }, w);
    w.pad4();
    encodeTo(NETNSA, { nsid: id }, w);
  });
}
