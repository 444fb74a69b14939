// RTM_GETRULE: the policy database of IPv4, which the model has in its built-in form only.
// Linux: net/core/fib_rules.c, fib_nl_dumprule(), fib_nl_fill_rule().

import { ruleDump } from '../inet/control.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { writeStruct } from '../netlink/struct.ts';
import { AF_INET } from '../uapi/link.ts';
import { RTM_NEWRULE } from '../uapi/msgtype.ts';
import { RT_TABLE_COMPAT, RTPROT_KERNEL } from '../uapi/route.ts';
import { FIB_RULE_HDR, FR_ACT_TO_TBL, FRA } from '../uapi/rule.ts';
import type { Dump } from './dump.ts';
import type { Request } from './request.ts';

/** "Suppress nothing". */
const NO_PREFIXLEN = 0xffffffff;

export function dumpRules(req: Request, out: Dump): void {
  for (const rule of ruleDump(req.ns)) {
    out.message(RTM_NEWRULE, (w) => {
      const table = rule.table < 256 ? rule.table : RT_TABLE_COMPAT;
      writeStruct(FIB_RULE_HDR, { family: AF_INET, table, action: FR_ACT_TO_TBL }, w);
      const priority = rule.priority === 0 ? {} : { priority: rule.priority };
      encodeTo(FRA, { table: rule.table, suppressPrefixlen: NO_PREFIXLEN, protocol: RTPROT_KERNEL, ...priority }, w);
    });
  }
}
