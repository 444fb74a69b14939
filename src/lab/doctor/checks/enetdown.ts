// A device that stops its queue and has no qdisc to hold what is sent meanwhile: a sender through a macvlan then gets ENETDOWN.
// Linux: __dev_queue_xmit(), "Virtual device %s asks to queue packet!". Devices that never stop have noqueue by right.

import type { SnapLink } from '../../snapshot/snapshot.ts';
import { type Spot, spotName, type View } from '../../status/view.ts';
import { fixOf } from '../acts.ts';
import { type Check, type Finding, finding } from '../finding.ts';

/** Where this kernel has no fq_codel there is always pfifo. */
const KINDS = ['fq_codel', 'pfifo'];

export const enetdown: Check = {
  codes: ['enetdown'],
  examine({ view }) {
    const below = new Map<SnapLink, Spot>();
    for (const lower of view.lowers) for (const spot of [lower, ...view.roots(lower)]) below.set(spot.link, spot);
    return [...below.values()].filter(canStop).map((spot) => tell(view, spot));
  },
};

/** Hardware and tun: every other kind is made without a queue to stop. */
function canStop({ ns, link }: Spot): boolean {
  if ((link.kind !== '' && link.kind !== 'tun') || !link.up) return false;
  const roots = ns.qdiscs.filter((q) => q.dev === link.index && q.parent === 'root');
  return link.qdisc === 'noqueue' || roots.some((q) => q.kind === 'noqueue');
}

function tell(view: View, spot: Spot): Finding {
  const { ns, link } = spot;
  const where = spotName(spot);
  const many = link.queues.tx > 1;
  const kinds = many ? ['mq'] : KINDS;
  const on = view.uppers(spot).length;
  const text = `${where} can stop its queue and has no qdisc: under load, senders through its macvlans get ENETDOWN instead of waiting`;
  const fix = fixOf(ns, { do: 'qdisc', ns: ns.id, dev: link.index, kinds });
  return finding('warning', 'enetdown', where, text, {
    evidence: [
      `qdisc noqueue on ${link.kind === '' ? 'hardware' : `a ${link.kind} device`}, ${link.queues.tx} tx queue${many ? 's' : ''}`,
      `${on} macvlan${on === 1 ? '' : 's'} on it, ${link.stats.txDropped} frames dropped so far`,
    ],
    cure: fix.commands[0].replace(/ *#.*/, ''),
    fix,
  });
}
