// For tests: a small model kernel with rtnetlink attached, and sockets into it.

import { bridgeLink } from '../drivers/bridge/bridge.ts';
import { attachLo } from '../drivers/lo/lo.ts';
import { macvlanLink } from '../drivers/macvlan/macvlan.ts';
import { vethLink } from '../drivers/veth/veth.ts';
import { attachInet } from '../inet/inet.ts';
import { Kernel } from '../net/kernel.ts';
import type { NetNs } from '../net/netns.ts';
import { NlClient } from '../netlink/client.ts';
import { type NlMessage, parseMessages } from '../netlink/message.ts';
import { LINK } from '../netlink/payload.ts';
import { attachSched } from '../sched/catalogue.ts';
import { RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NETLINK_ROUTE, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.ts';
import { attachRtnl, type NlFds, type NlSocket, openNetlink } from './rtnl.ts';

export const NEW = NLM_F_CREATE | NLM_F_EXCL;

export interface TestLab {
  readonly kernel: Kernel;
  readonly ns: NetNs;
  readonly other: NetNs;
  /** A client in `ns`. Descriptor 3 and process 3 stand for `other`. */
  readonly client: NlClient;
  readonly fds: NlFds;
}

export function testLab(): TestLab {
  const kernel = new Kernel(1);
  for (const ops of [vethLink, bridgeLink, macvlanLink]) kernel.linkKinds.set(ops.kind, ops);
  attachSched(kernel);
  attachInet(kernel);
  attachRtnl(kernel);
  attachLo(kernel);
  const ns = kernel.createNs('');
  const other = kernel.createNs('other');
  const fds: NlFds = { nsByFd: (fd) => (fd === 3 ? other : null), nsByPid: (pid) => (pid === 3 ? other : null) };
  return { kernel, ns, other, fds, client: new NlClient(openNetlink(kernel, ns, NETLINK_ROUTE, fds)) };
}

/** v0 and v1, a pair; v0's index is returned. */
export function addPair(lab: TestLab): number {
  const peer = { header: {}, attrs: { ifname: 'v1' } };
  const data = { peer } as never;
  lab.client.request(LINK, RTM_NEWLINK, NEW, {}, { ifname: 'v0', linkinfo: { kind: 'veth', data } });
  return lab.ns.dev('v0')?.ifindex ?? 0;
}

/** All datagrams that wait at a socket. */
export function drain(sock: NlSocket): NlMessage[] {
  const out: NlMessage[] = [];
  for (let d = sock.recv(); d !== null; d = sock.recv()) out.push(...parseMessages(d));
  return out;
}

/** A socket that listens to groups. */
export function listen(lab: TestLab, ns: NetNs, groups: readonly number[], protocol = NETLINK_ROUTE): NlSocket {
  const sock = openNetlink(lab.kernel, ns, protocol, lab.fds);
  for (const group of groups) sock.join(group);
  return sock;
}
