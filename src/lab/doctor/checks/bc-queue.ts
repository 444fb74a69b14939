// The broadcast queue of a lowerdev: as long as the longest that any of its macvlans asked for. What does not fit is lost for all
// of them, ARP and ND too, and counted as the lowerdev's rx_dropped. Linux: macvlan_broadcast_enqueue().

import { shellWord } from '../../../base/shell-word.ts';
import { inNs } from '../../snapshot/commands.ts';
import { type Spot, spotName, type View } from '../../status/view.ts';
import { type Check, type Finding, finding } from '../finding.ts';
import { list } from '../words.ts';

const DEFAULT = 1000;

export const bcQueue: Check = {
  codes: ['bc-queue-off', 'bc-queue-short'],
  examine({ view }) {
    return view.lowers.flatMap((lower) => onLower(view, lower));
  },
};

function onLower(view: View, lower: Spot): Finding[] {
  const uppers = view.uppers(lower);
  const used = uppers[0].macvlan.bcQueueLenUsed;
  const { rxDropped, rxPackets } = lower.link.stats;
  if (used === null || used >= DEFAULT || uppers[0].macvlan.bcCutoff < 0) return [];
  const where = spotName(lower);
  const setters = uppers.filter((u) => u.macvlan.bcQueueLen === used);
  const [{ ns, link }] = [...setters, ...uppers];
  const cure = inNs(ns, 'ip', `link set ${shellWord(link.name)} type ${link.kind} bcqueuelen ${DEFAULT}`);
  const who = setters.length === 0 ? 'a macvlan that is not seen' : list(setters.map(spotName));
  const evidence = [
    `bcqueuelen ${used} was set at ${who}, and no other macvlan on ${where} asks for more`,
    `${where} has dropped ${rxDropped} of ${rxPackets} received frames (for any reason)`,
  ];
  if (used === 0) {
    const text = `the broadcast queue of ${where} holds nothing: no broadcast from the wire reaches a macvlan, so ARP fails`;
    return [finding('error', 'bc-queue-off', where, text, { evidence, cure })];
  }
  if (rxDropped === 0) return [];
  const text = `the broadcast queue of ${where} is short (${used} frames, ${DEFAULT} is usual), and the device has dropped frames`;
  return [finding('warning', 'bc-queue-short', where, text, { evidence, cure })];
}
