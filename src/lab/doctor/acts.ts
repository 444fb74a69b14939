// What `doctor --fix` does, said as the commands of ip, tc and arping that come to the same: one place for each act. fix.ts does it.

import { shellWord } from '../../base/shell-word.ts';
import { groupOf, tagOf } from '../apply/names.ts';
import { execIn, inNs } from '../snapshot/commands.ts';
import { findLink, type SnapNamespace } from '../snapshot/snapshot.ts';
import type { Fix, FixAct } from './finding.ts';

/** What doctor makes carries the tag of a lab of this name: `lowerdev destroy doctor` removes it. */
export const SHIM_LAB = 'doctor';

/** Acts in one namespace. */
export function fixOf(ns: SnapNamespace, ...acts: readonly FixAct[]): Fix {
  return { acts, commands: acts.flatMap((act) => commandsOf(ns, act)) };
}

function commandsOf(ns: SnapNamespace, act: FixAct): string[] {
  switch (act.do) {
    case 'shim':
      return shim(ns, act);
    case 'qdisc': {
      const [kind, ...others] = act.kinds;
      const command = inNs(ns, 'tc', `qdisc replace dev ${nameOf(ns, act.dev)} root ${kind}`);
      return [others.length === 0 ? command : `${command}   # ${others[0]} where this kernel has no ${kind}`];
    }
    case 'announce':
      return act.addresses.map((address) => announcement(ns, nameOf(ns, act.dev), address));
    case 'link-del':
      return [inNs(ns, 'ip', `link del ${shellWord(act.name)}`)];
    case 'netns-del':
      return [`ip netns del ${shellWord(act.name)}`];
  }
}

function nameOf(ns: SnapNamespace, index: number): string {
  return shellWord(findLink(ns, index)?.name ?? '?');
}

/** IPv6 answers only for addresses of the device that was asked, so there the shim has the host's too. */
function shim(ns: SnapNamespace, { lower, name, create, routes }: FixAct & { do: 'shim' }): string[] {
  const shimName = shellWord(name);
  const created =
    create === null
      ? []
      : [
          `link add link ${nameOf(ns, lower)} name ${shimName} address ${create.mac} group ${groupOf(SHIM_LAB)} type macvlan mode bridge`,
          `link set ${shimName} up alias ${shellWord(tagOf(SHIM_LAB, `shim/${name}`))}`,
        ];
  const six = new Set(routes.flatMap((r) => (r.to.includes(':') && r.src !== null ? [r.src] : [])));
  return [
    ...created,
    ...[...six].map((src) => `addr add ${src}/128 dev ${shimName} nodad`),
    ...routes.map(({ to, src }) => {
      const from = src === null ? '' : ` src ${src}`;
      return `route add ${to}/${to.includes(':') ? 128 : 32} dev ${shimName}${from}`;
    }),
  ].map((words) => inNs(ns, 'ip', words));
}

/** What the kernel sends when an address is made known (arp_notify, ndisc_notify). */
function announcement(ns: SnapNamespace, device: string, address: string): string {
  return address.includes(':')
    ? `${execIn(ns, `ndsend ${address} ${device}`)}   # an unsolicited neighbour advertisement`
    : execIn(ns, `arping -c 1 -U -I ${device} ${address}`);
}
