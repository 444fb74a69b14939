// RTM_GETRULE: the policy databases of IPv4 and IPv6, which the model has in its built-in form only.
// Linux: net/core/fib_rules.c, fib_nl_dumprule(), fib_nl_fill_rule().

import { ruleDump } from '../inet/control.ts';
import type { RuleInfo } from '../inet/types.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { writeStruct } from '../netlink/struct.ts';
import { AF_INET, AF_INET6 } from '../uapi/link.ts';
import { RTM_NEWRULE } from '../uapi/msgtype.ts';
import { RT_TABLE_COMPAT, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from '../uapi/route.ts';
import { FIB_RULE_HDR, FR_ACT_TO_TBL, FRA } from '../uapi/rule.ts';
import type { Dump } from './dump.ts';
import type { Request } from './request.ts';

/** "Suppress nothing". */
const NO_PREFIXLEN = 0xffffffff;

export function dumpRules(req: Request, out: Dump): void {
  dump(AF_INET, ruleDump(req.ns), out);
}

/** IPv6's, in their built-in form: table local, then main. Linux: net/ipv6/fib6_rules.c, fib6_rules_net_init(). */
export function dumpRules6(req: Request, out: Dump): void {
  if (req.ns.inet6 === null) return;
  dump(
    AF_INET6,
    [0, 32766].map((priority) => ({ priority, table: priority === 0 ? RT_TABLE_LOCAL : RT_TABLE_MAIN })),
    out,
  );
}

function dump(family: number, rules: readonly RuleInfo[], out: Dump): void {
  for (const rule of rules) {
    out.message(RTM_NEWRULE, (w) => {
      const table = rule.table < 256 ? rule.table : RT_TABLE_COMPAT;
      writeStruct(FIB_RULE_HDR, { family, table, action: FR_ACT_TO_TBL }, w);
      const priority = rule.priority === 0 ? {} : { priority: rule.priority };
      encodeTo(FRA, { table: rule.table, suppressPrefixlen: NO_PREFIXLEN, protocol: RTPROT_KERNEL, ...priority }, w);
    });
  }
}
