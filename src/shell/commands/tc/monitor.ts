// `tc monitor`: qdiscs, classes and filters as they change, until a signal ends it. iproute2: tc/tc_monitor.c.

import { decodeMessage } from '../../../netlink/message.ts';
import { QDISC } from '../../../netlink/payload.ts';
import * as rtm from '../../../uapi/msgtype.ts';
import { RTNLGRP_TC } from '../../../uapi/rtnlgrp.ts';
import { matches } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import { timestamp } from '../iproute/timestamp.ts';
import { printClass } from './class.ts';
import { printFilter } from './filter.ts';
import { printQdisc } from './qdisc.ts';
import type { Tc } from './tc.ts';
import { monitorUsage } from './usage.ts';

const FILTERS = new Set([rtm.RTM_NEWTFILTER, rtm.RTM_DELTFILTER, rtm.RTM_NEWCHAIN, rtm.RTM_DELCHAIN]);

export function doMonitor(tc: Tc, words: readonly string[]): Promise<number> {
  for (const word of words) {
    if (matches(word, 'help')) throw new ToolError(monitorUsage, 255);
    if (matches(word, 'file')) throw new ToolError('tc: lowerdev has no "monitor file"\n', 1);
    throw new ToolError(`Argument "${word}" is unknown, try "tc monitor help".\n`, 255);
  }
  return tc.listen([RTNLGRP_TC], (msg) => {
    if (tc.opts.timestamp) tc.proc.out(timestamp(tc.proc.os.wallNs(), tc.opts.tshort));
    if (msg.type === rtm.RTM_NEWQDISC || msg.type === rtm.RTM_DELQDISC) printQdisc(tc, decodeMessage(QDISC, msg), true);
    else if (msg.type === rtm.RTM_NEWTCLASS || msg.type === rtm.RTM_DELTCLASS) {
      printClass(tc, decodeMessage(QDISC, msg));
    } else if (FILTERS.has(msg.type)) {
      printFilter(tc, decodeMessage(QDISC, msg));
    }
  });
}
