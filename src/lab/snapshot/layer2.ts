// Forwarding databases and queueing disciplines of a namespace, from netlink to the words of a snapshot.

import { NEIGH, QDISC } from '../../netlink/payload.ts';
import { flagNames, formatMac } from '../../uapi/format.ts';
import { AF_BRIDGE } from '../../uapi/link.ts';
import { RTM_GETNEIGH, RTM_GETQDISC } from '../../uapi/msgtype.ts';
import * as nud from '../../uapi/neigh.ts';
import { TC_H_INGRESS, TC_H_ROOT } from '../../uapi/qdisc.ts';
import type { Dumps } from './dump.ts';
import type { SnapFdb, SnapQdisc } from './snapshot.ts';

const FDB_FLAGS = [
  [nud.NTF_SELF, 'self'],
  [nud.NTF_MASTER, 'master'],
  [nud.NTF_ROUTER, 'router'],
  [nud.NTF_EXT_LEARNED, 'extern_learn'],
  [nud.NTF_OFFLOADED, 'offload'],
  [nud.NTF_STICKY, 'sticky'],
] as const;

/** Bridges' entries, and the addresses that every other device listens to (its uc and mc lists). */
export function readFdb(dumps: Dumps): SnapFdb[] {
  return dumps.each('fdb entries', NEIGH, RTM_GETNEIGH, { family: AF_BRIDGE }, {}, ({ header: h, attrs: a }) =>
    a.lladdr === undefined
      ? null
      : {
          dev: h.ifindex,
          mac: formatMac(a.lladdr),
          master: a.master ?? null,
          vlan: a.vlan ?? null,
          permanent: (h.state & nud.NUD_PERMANENT) !== 0,
          flags: flagNames(h.flags, FDB_FLAGS),
          state: nud.NUD_NAMES.get(h.state) ?? String(h.state),
        },
  );
}

export function readQdiscs(dumps: Dumps): SnapQdisc[] {
  return dumps.each('qdiscs', QDISC, RTM_GETQDISC, {}, {}, ({ header: h, attrs: a }) => ({
    dev: h.ifindex,
    kind: a.kind ?? '',
    handle: handleText(h.handle),
    parent: h.parent === TC_H_ROOT ? 'root' : h.parent === TC_H_INGRESS ? 'ingress' : handleText(h.parent),
    drops: a.stats2?.queue?.drops ?? 0,
    requeues: a.stats2?.queue?.requeues ?? 0,
    overlimits: a.stats2?.queue?.overlimits ?? 0,
    backlog: a.stats2?.queue?.qlen ?? 0,
  }));
}

/** `8001:`, `1:a`. */
function handleText(handle: number): string {
  const minor = handle & 0xffff;
  return `${(handle >>> 16).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}
