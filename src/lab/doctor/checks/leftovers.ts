// What labs left behind: a link that was being made when its maker was killed, a namespace that a lab made and nothing of the
// lab is in any more; and what nobody can reach: a namespace without a name and without a process.

import { shellWord } from '../../../base/shell-word.ts';
import { formatMac } from '../../../uapi/format.ts';
import { groupOf, labOf, stableMac } from '../../apply/names.ts';
import { inNs } from '../../snapshot/commands.ts';
import { namespaceName, type SnapLink, type SnapNamespace } from '../../snapshot/snapshot.ts';
import { spotName, type View } from '../../status/view.ts';
import { fixOf } from '../acts.ts';
import { isGlobal } from '../address.ts';
import { type Check, type Finding, finding } from '../finding.ts';

export const leftovers: Check = {
  codes: ['half-made-link', 'empty-lab-netns', 'nameless-netns', 'stale-netns-name'],
  examine({ view }) {
    return [...halfMade(view), ...view.snapshot.namespaces.flatMap(ofNamespace), ...staleNames(view)];
  },
};

/** Group numbers of labs (groupOf) are from here on. */
const LAB_GROUPS = 0x4000_0000;
const LAB_GROUPS_END = 0x8000_0000;

function halfMade(view: View): Finding[] {
  const labs = new Map<number, string>();
  for (const ns of view.snapshot.namespaces) {
    for (const link of ns.links) {
      const lab = labOf(link.alias);
      if (lab !== null) labs.set(groupOf(lab), lab);
    }
  }
  return view.snapshot.namespaces.flatMap((ns) =>
    ns.links
      .filter((link) => isHalfMade(link) && !view.addresses({ ns, link }).some(isGlobal))
      .map((link) => {
        const where = spotName({ ns, link });
        const lab = labs.get(link.group);
        const command = inNs(ns, 'ip', `link del ${shellWord(link.name)}`);
        const evidence = [`group ${link.group}, no alias, no address`];
        if (lab === undefined) {
          const text = `${where} has a group as labs have, and no tag: it was being made for one that has nothing else here, or the group is somebody else's`;
          return finding('note', 'half-made-link', where, text, { evidence, cure: `if nobody uses it: ${command}` });
        }
        const text = `${where} was being made for the lab ${lab} when its maker ended: it has the lab's group and no tag`;
        return finding('warning', 'half-made-link', where, text, {
          evidence,
          cure: `apply the lab again, which makes it whole, or remove it: ${command}`,
          fix: !isStable(lab, ns, link)
            ? null // whoever uses groups may have the same number
            : fixOf(ns, { do: 'link-del', ns: ns.id, dev: link.index, name: link.name }),
        });
      }),
  );
}

/** The tag is set before addresses are, so one that has an address is somebody else's. */
function isHalfMade({ kind, alias, group }: SnapLink): boolean {
  return /^(macvlan|macvtap|vlan)$/.test(kind) && alias === '' && group >= LAB_GROUPS && group < LAB_GROUPS_END;
}

/** Whether its address is the one that this lab gives to an endpoint or a shim of that place. */
function isStable(lab: string, ns: SnapNamespace, { name, mac }: SnapLink): boolean {
  const endpoints = [...ns.names, name].map((n) => `endpoint/${n}`);
  const objects = ns.host ? [...endpoints, `shim/${name.replace(/-shim$/, '')}`] : endpoints;
  return objects.some((object) => formatMac(stableMac(lab, object)) === mac);
}

function ofNamespace(ns: SnapNamespace): Finding[] {
  if (ns.host || ns.processes > 0) return [];
  const macvlans = ns.links.filter((l) => l.macvlan !== null);
  const lo = ns.links.find((l) => l.type === ARPHRD_LOOPBACK);
  const lab = labOf(lo?.alias ?? '');
  const own = ns.links.filter((l) => l !== lo);
  if (lab !== null && own.length === 0 && ns.names.length === 1) {
    const name = ns.names[0];
    const text = `the namespace ${name} was made by the lab ${lab}, and is empty: no device, no process`;
    const fix = fixOf(ns, { do: 'netns-del', ns: ns.id, name });
    return [
      finding('note', 'empty-lab-netns', name, text, {
        evidence: [`its lo carries ${lo?.alias}`],
        cure: fix.commands[0],
        fix,
      }),
    ];
  }
  if (macvlans.length === 0 || ns.names.length > 0 || ns.paths.length > 0) return [];
  const text = `${namespaceName(ns)} has no name and no process: only an open file keeps it, and the macvlans in it stay until that is closed`;
  return [
    finding('warning', 'nameless-netns', namespaceName(ns), text, {
      evidence: macvlans.map((l) => `${l.name} ${l.mac ?? ''}`.trim()),
      cure: 'find who holds it open: lsns -t net; ls -l /proc/*/fd | grep net:',
    }),
  ];
}

const ARPHRD_LOOPBACK = 772;

/** Files in /run/netns that no namespace is bound to any more: the reader says so of each. */
function staleNames({ snapshot }: View): Finding[] {
  return snapshot.unseen.flatMap((sentence) => {
    const name = /^(?:the )?namespace ([^\s/]+) .*\bEINVAL\b/.exec(sentence)?.[1];
    if (name === undefined) return [];
    return [
      finding(
        'note',
        'stale-netns-name',
        name,
        `${name} is a name in /run/netns without a namespace: whatever was there is gone`,
        {
          evidence: [sentence],
          cure: `ip netns del ${shellWord(name)}`,
        },
      ),
    ];
  });
}
