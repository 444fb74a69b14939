// ethtool over generic netlink: the catalogue of its commands. A new command adds one line; what no line names is not
// supported, and a device without the operation says so itself. Linux: net/ethtool/netlink.c, ethtool_genl_ops[].

import { PRIV_BRIDGE } from '../net/flags.ts';
import { NlError } from '../netlink/error.ts';
import { ETHTOOL_USER } from '../netlink/genl.ts';
import type { AttrTable } from '../uapi/attr.ts';
import * as et from '../uapi/ethtool.ts';
import { GENL_CMD_CAP_DO, GENL_CMD_CAP_DUMP, GENL_CMD_CAP_HASPOL, GENL_UNS_ADMIN_PERM } from '../uapi/genl.ts';
import type { Dump } from './dump.ts';
import { getCoalesce, setCoalesce } from './ethtool-coalesce.ts';
import { getFeatures, setFeatures } from './ethtool-features.ts';
import { ETHTOOL_ID, ethDevice, ethRequest } from './ethtool-header.ts';
import { getChannels, getLinkInfo, getLinkModes, getLinkState, getTsInfo } from './ethtool-link.ts';
import { MONITOR_GROUP } from './ethtool-notify.ts';
import { getPrivFlags, getRings, setChannels, setPrivFlags, setRings } from './ethtool-queues.ts';
import { getStrset } from './ethtool-strset.ts';
import type { GenlFamily, GenlOp } from './genl-types.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const GET = GENL_CMD_CAP_DO | GENL_CMD_CAP_DUMP | GENL_CMD_CAP_HASPOL;
const SET = GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO | GENL_CMD_CAP_HASPOL;

interface Does {
  doit(req: Request, tb: Tb): void;
  dump?(req: Request, tb: Tb, out: Dump): void;
}

/** No device of the model has the operation behind this command; what Linux says beside the errno. */
function lacking(words: string | undefined): Does {
  return {
    doit(req, tb) {
      ethDevice(req, tb);
      throw new NlError('EOPNOTSUPP', words === undefined ? {} : words);
    },
    dump(req, tb) {
      ethRequest(req, tb);
    },
  };
}

const unsupported = lacking(undefined);

/** Which part of a module's EEPROM is wanted has to be said before a driver is asked. */
const eeprom: Does = {
  doit(req, tb) {
    ethDevice(req, tb);
    for (const needed of [2, 3, 4, 6]) if (!tb.has(needed)) throw new NlError('EINVAL');
    throw new NlError('EOPNOTSUPP');
  },
  dump: unsupported.dump,
};

/**
 * Its dump passes over bridges, whose driver says nothing of time stamps, and its messages do not say that they are several.
 * Linux: ethnl_tsinfo_dumpit() since 6.14.
 */
const tsInfo: Does = {
  doit: getTsInfo.doit,
  dump(req, tb, out) {
    out.multi = 0;
    getTsInfo.dump(req, tb, out, (dev) => (dev.privFlags & PRIV_BRIDGE) === 0);
  },
};

const LINES: ReadonlyArray<readonly [cmd: number, does: Does]> = [
  [et.ETHTOOL_MSG_STRSET_GET, { doit: getStrset }],
  [et.ETHTOOL_MSG_LINKINFO_GET, getLinkInfo],
  [et.ETHTOOL_MSG_LINKINFO_SET, unsupported],
  [et.ETHTOOL_MSG_LINKMODES_GET, getLinkModes],
  [et.ETHTOOL_MSG_LINKMODES_SET, unsupported],
  [et.ETHTOOL_MSG_LINKSTATE_GET, getLinkState],
  [et.ETHTOOL_MSG_DEBUG_GET, unsupported],
  [et.ETHTOOL_MSG_DEBUG_SET, unsupported],
  [et.ETHTOOL_MSG_WOL_GET, unsupported],
  [et.ETHTOOL_MSG_WOL_SET, unsupported],
  [et.ETHTOOL_MSG_FEATURES_GET, getFeatures],
  [et.ETHTOOL_MSG_FEATURES_SET, { doit: setFeatures }],
  [et.ETHTOOL_MSG_PRIVFLAGS_GET, getPrivFlags],
  [et.ETHTOOL_MSG_PRIVFLAGS_SET, { doit: setPrivFlags }],
  [et.ETHTOOL_MSG_RINGS_GET, getRings],
  [et.ETHTOOL_MSG_RINGS_SET, { doit: setRings }],
  [et.ETHTOOL_MSG_CHANNELS_GET, getChannels],
  [et.ETHTOOL_MSG_CHANNELS_SET, { doit: setChannels }],
  [et.ETHTOOL_MSG_COALESCE_GET, getCoalesce],
  [et.ETHTOOL_MSG_COALESCE_SET, { doit: setCoalesce }],
  [et.ETHTOOL_MSG_PAUSE_GET, unsupported],
  [et.ETHTOOL_MSG_PAUSE_SET, unsupported],
  [et.ETHTOOL_MSG_EEE_GET, unsupported],
  [et.ETHTOOL_MSG_EEE_SET, unsupported],
  [et.ETHTOOL_MSG_TSINFO_GET, tsInfo],
  [et.ETHTOOL_MSG_CABLE_TEST_ACT, unsupported],
  [et.ETHTOOL_MSG_CABLE_TEST_TDR_ACT, unsupported],
  [et.ETHTOOL_MSG_TUNNEL_INFO_GET, lacking('device does not report tunnel offload info')],
  [et.ETHTOOL_MSG_FEC_GET, unsupported],
  [et.ETHTOOL_MSG_FEC_SET, unsupported],
  [et.ETHTOOL_MSG_MODULE_EEPROM_GET, eeprom],
  [et.ETHTOOL_MSG_PSE_GET, lacking('No PHY found')],
  [et.ETHTOOL_MSG_PSE_SET, lacking('No PHY is attached')],
  [et.ETHTOOL_MSG_RSS_GET, unsupported],
  [et.ETHTOOL_MSG_PLCA_GET_CFG, unsupported],
  [et.ETHTOOL_MSG_PLCA_SET_CFG, unsupported],
  [et.ETHTOOL_MSG_PLCA_GET_STATUS, unsupported],
  [et.ETHTOOL_MSG_MM_GET, unsupported],
  [et.ETHTOOL_MSG_MM_SET, unsupported],
];

/** Commands that change something; the rest are GETs. */
const CHANGES = new Set<number>([3, 5, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 27, 30, 37, 40, 43]);
/** GETs for administrators alone. */
const PRIVATE = new Set<number>([et.ETHTOOL_MSG_WOL_GET, et.ETHTOOL_MSG_MODULE_EEPROM_GET]);

function opOf([cmd, does]: readonly [number, Does]): [number, GenlOp] {
  // Of what nothing supports the attributes are not known here.
  const table = (ETHTOOL_USER.get(cmd)?.table as AttrTable<unknown> | undefined) ?? null;
  const change = CHANGES.has(cmd);
  return [
    cmd,
    {
      table,
      caps: change ? SET : PRIVATE.has(cmd) ? GET | GENL_UNS_ADMIN_PERM : GET,
      doit: does.doit,
      ...(change ? {} : { dump: does.dump }),
    },
  ];
}

export const ethtool: GenlFamily = {
  id: ETHTOOL_ID,
  name: et.ETHTOOL_GENL_NAME,
  version: et.ETHTOOL_GENL_VERSION,
  maxattr: 0,
  reservedFrom: 36,
  ops: new Map(LINES.map(opOf)),
  groups: [[et.ETHTOOL_MCGRP_MONITOR_NAME, MONITOR_GROUP]],
};
