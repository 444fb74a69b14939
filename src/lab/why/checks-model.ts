// What is read off the snapshot with the model's help: routing decisions that a reverse path filter does not like, and
// namespaces that have lost their device.

import { shellWord } from '../../base/shell-word.ts';
import { execIn } from '../snapshot/commands.ts';
import type { Loaded } from '../snapshot/load.ts';
import { linkName } from '../snapshot/snapshot.ts';
import { addressesOf, type Warning, within } from './checks.ts';
import type { End } from './ends.ts';
import { hopOf } from './exit.ts';

/** Strict (1): a packet is taken only on the device by which an answer would leave. */
const STRICT = 1;

export function modelWarnings(loaded: Loaded, from: End, to: End): Warning[] {
  return [
    ...reversePath(loaded, from, to),
    ...reversePath(loaded, to, from),
    ...bare(loaded, from),
    ...bare(loaded, to),
  ];
}

/** Would `to` drop what `from` sends to the device that has its address, the one that is meant or one of the same subnet? */
function reversePath(loaded: Loaded, from: End, to: End): Warning[] {
  const { ns } = to;
  const at = ns === null ? null : loaded.at(ns.id);
  if (ns === null || at === null || from.ns === ns) return [];
  const all = Number(ns.sysctls['net.ipv4.conf.all.rp_filter'] ?? 0);
  return addressesOf(to).flatMap((own): Warning[] => {
    const link = ns.links.find((l) => l.index === own.dev);
    if (own.family !== 4 || link === undefined || Math.max(all, link.ipv4?.rp_filter ?? 0) !== STRICT) return [];
    const source = addressesOf(from).find((a) => a.family === 4);
    if (source !== undefined && to.address === null && !within(source.address, own.address, own.length)) return [];
    const back = source === undefined ? null : hopOf(loaded.model, at, source.address);
    if (back === null || back.dev.ifindex === link.index) return [];
    const text = `rp_filter: ${linkName(ns, link)} takes nothing from ${source?.address}, since the way back goes by ${back.dev.name}`;
    const cure = execIn(ns, `sysctl -w ${shellWord(`net.ipv4.conf.${link.name.replaceAll('.', '/')}.rp_filter`)}=2`);
    return [{ code: 'rp-filter', text, cure }];
  });
}

/** Asked for as a whole, and there is nothing in it: where is its device? */
function bare({ snapshot }: Loaded, { ns, device, name }: End): Warning[] {
  if (ns === null || ns.host || device !== null || ns.links.some((l) => l.name !== 'lo')) return [];
  const others = snapshot.namespaces.flatMap((n) =>
    n.links
      .filter((l) => l.macvlan !== null && !n.addresses.some((a) => a.dev === l.index && a.scope === 'global'))
      .map((l) => linkName(n, l)),
  );
  const hint = others.length === 0 ? '' : `; without an address elsewhere: ${others.slice(0, 4).join(', ')}`;
  return [
    {
      code: 'no-device',
      text: `${name} has no device but lo${hint}`,
      cure: 'ip link set DEVICE netns NAME, then its addresses and routes again',
    },
  ];
}
