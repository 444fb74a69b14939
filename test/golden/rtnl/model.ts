// The model's arm: the same steps against a model kernel, time passing as it did for the real one.

import { bridgeLink } from '../../../src/drivers/bridge/bridge.ts';
import { attachLo } from '../../../src/drivers/lo/lo.ts';
import { macvlanLink } from '../../../src/drivers/macvlan/macvlan.ts';
import { vethLink } from '../../../src/drivers/veth/veth.ts';
import { attachInet } from '../../../src/inet/inet.ts';
import { attachInet6 } from '../../../src/inet/inet6.ts';
import { sysctlWrite } from '../../../src/inet/sysctl.ts';
import { Kernel } from '../../../src/net/kernel.ts';
import { attachSched } from '../../../src/sched/catalogue.ts';
import { attachRtnl, type NlFds, type NlSocket, openNetlink } from '../../../src/rtnl/rtnl.ts';
import * as grp from '../../../src/uapi/rtnlgrp.ts';
import { FD_A, FD_B, fromHex, type Said, type Step, toHex } from './steps.ts';

const GROUPS = [
  grp.RTNLGRP_LINK, grp.RTNLGRP_NEIGH, grp.RTNLGRP_TC, grp.RTNLGRP_IPV4_IFADDR, grp.RTNLGRP_IPV4_ROUTE,
  grp.RTNLGRP_IPV4_RULE, grp.RTNLGRP_IPV4_NETCONF, grp.RTNLGRP_NSID,
];
const GROUPS6 = [grp.RTNLGRP_IPV6_IFADDR, grp.RTNLGRP_IPV6_ROUTE, grp.RTNLGRP_IPV6_RULE, grp.RTNLGRP_IPV6_NETCONF];
/** As arm.py has them. */
const OFF = [['disable_ipv6', '1']] as const;
const QUIET = [['disable_ipv6', '0'], ['addr_gen_mode', '1'], ['accept_dad', '0'], ['router_solicitations', '0']] as const;
/** ethtool's group "monitor". */
const MONITOR = 6;
const RCVBUF = 1 << 24;
const MS = 1_000_000;

export function runModel(steps: readonly Step[], six = false): Said[] {
  const kernel = new Kernel(1);
  for (const ops of [vethLink, bridgeLink, macvlanLink]) kernel.linkKinds.set(ops.kind, ops);
  attachSched(kernel);
  attachInet(kernel);
  attachRtnl(kernel);
  attachInet6(kernel);
  attachLo(kernel);
  const a = kernel.createNs('a');
  const b = kernel.createNs('b');
  for (const ns of [a, b]) {
    for (const who of ['all', 'default', 'lo']) {
      for (const [key, value] of six ? QUIET : OFF) sysctlWrite(ns, `net/ipv6/conf/${who}/${key}`, value);
    }
  }
  const fds: NlFds = { nsByFd: (fd) => (fd === FD_A ? a : fd === FD_B ? b : null), nsByPid: () => null };
  const open = (ns: typeof a, proto: number, groups: readonly number[]): NlSocket => {
    const sock = openNetlink(kernel, ns, proto, fds);
    sock.rcvBuf = RCVBUF;
    for (const group of groups) sock.join(group);
    return sock;
  };
  const socks = new Map<string, NlSocket>();
  for (const [name, ns] of [['a', a], ['b', b]] as const) {
    for (const proto of [0, 4, 16]) socks.set(name + proto, open(ns, proto, []));
    socks.set(`${name} monitor`, open(ns, 0, six ? [...GROUPS, ...GROUPS6] : GROUPS));
    socks.set(`${name}16 monitor`, open(ns, 16, [MONITOR]));
  }
  const drain = (name: string): string[] => {
    const out: string[] = [];
    const sock = socks.get(name);
    for (let d = sock?.recv() ?? null; d !== null; d = sock?.recv() ?? null) out.push(toHex(d));
    return out;
  };
  kernel.loop.runUntil(2000 * MS);
  return steps.map((step) => {
    const name = step.ns + step.proto;
    const sock = socks.get(name);
    sock?.setOption(12, step.strict === true);
    if (step.hex !== '') sock?.send(fromHex(step.hex));
    kernel.loop.runUntil(kernel.loop.now + (20 + (step.waitMs ?? 30)) * MS);
    const heard: Record<string, string[]> = {};
    for (const who of ['a', 'a16', 'b', 'b16']) heard[who] = drain(`${who} monitor`);
    return { answers: drain(name), heard };
  });
}
