// macvlan and macvtap: what `ip` prints of them, and the words that create and change them.
// iproute2: ip/iplink_macvlan.c.

import { macOfBytes } from '../../../uapi/format.ts';
import {
  type LinkInfo,
  MACVLAN_FLAG_NODST,
  MACVLAN_FLAG_NOPROMISC,
  MACVLAN_MACADDR_ADD,
  MACVLAN_MACADDR_DEL,
  MACVLAN_MACADDR_FLUSH,
  MACVLAN_MACADDR_SET,
  MACVLAN_MODES,
} from '../../../uapi/linkinfo.ts';
import { type Args, formatMac, matches, needLladdr, parseNumber } from '../iproute/args.ts';
import { ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';

type Data = NonNullable<LinkInfo['data']>;

export function printMacvlan(ip: Ip, data: Data): void {
  const { out } = ip;
  if (data.mode === undefined) return;
  const mode = MACVLAN_MODES.get(data.mode) ?? 'unknown';
  out.any('mode', mode, `mode ${mode} `);
  const flags = data.flags ?? 0;
  if ((flags & MACVLAN_FLAG_NOPROMISC) !== 0) out.flag('nopromisc', 'nopromisc ');
  if ((flags & MACVLAN_FLAG_NODST) !== 0) out.flag('nodst', 'nodst ');
  if (data.bcQueueLen !== undefined) out.any('bcqueuelen', data.bcQueueLen, `bcqueuelen ${data.bcQueueLen} `);
  if (data.bcQueueLenUsed !== undefined)
    out.any('usedbcqueuelen', data.bcQueueLenUsed, `usedbcqueuelen ${data.bcQueueLenUsed} `);
  if (mode !== 'source') return;
  const count = data.macaddrCount;
  if (count !== undefined) out.any('macaddr_count', count, `remotes (${count}) `);
  if (data.macaddrData === undefined) return;
  out.openArray('macaddr_data');
  for (const mac of data.macaddrData) {
    out.value(null, formatMac(mac));
    out.text(`${formatMac(mac)} `);
  }
  out.closeArray();
}

export function macvlanUsage(kind: string): string {
  return `Usage: ... ${kind} mode MODE [flag MODE_FLAG] MODE_OPTS [bcqueuelen BC_QUEUE_LEN]

MODE: private | vepa | bridge | passthru | source
MODE_FLAG: null | nopromisc | nodst
MODE_OPTS: for mode "source":
\tmacaddr { { add | del } <macaddr> | set [ <macaddr> [ <macaddr>  ... ] ] | flush }
BC_QUEUE_LEN: Length of the rx queue for broadcast/multicast: [0-4294967295]
`;
}

/** macvlan_parse_opt(): INFO_DATA in the order of the words. */
export function parseMacvlan(ip: Ip, kind: string, args: Args): Data {
  const data: Record<string, unknown> = {};
  let mode = 0;
  let flags = 0;
  let hasFlags = false;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (matches(word, 'mode')) {
      const value = args.need();
      mode = modeNumber(value);
      if (mode === 0) wrong('mode', '"private", "vepa", "bridge", "passthru" or "source"', value);
    } else if (matches(word, 'flag')) {
      const value = args.need();
      if (value === 'nopromisc') flags |= MACVLAN_FLAG_NOPROMISC;
      else if (value === 'nodst') flags |= MACVLAN_FLAG_NODST;
      else if (value !== 'null') wrong('flag', '"nopromisc", "nodst" or "null"', value);
      hasFlags = true;
    } else if (matches(word, 'macaddr')) parseMacaddr(ip, kind, args, data);
    else if (matches(word, 'nopromisc')) {
      flags |= MACVLAN_FLAG_NOPROMISC;
      hasFlags = true;
    } else if (matches(word, 'nodst')) {
      flags |= MACVLAN_FLAG_NODST;
      hasFlags = true;
    } else if (matches(word, 'bcqueuelen')) {
      const value = args.need();
      const n = parseNumber(value);
      if (n === null) wrong('bcqueuelen', 'a positive integer [0-4294967295]', value);
      data.bcQueueLen = n;
    } else if (matches(word, 'help')) throw new ToolError(macvlanUsage(kind), 1);
    else throw new ToolError(`${kind}: unknown option "${word}"?\n${macvlanUsage(kind)}`, 1);
  }
  if (mode !== 0) data.mode = mode;
  if (hasFlags) {
    if ((flags & MACVLAN_FLAG_NOPROMISC) !== 0 && mode !== 8) {
      throw new ToolError(`${kind}: nopromisc flag only valid in passthru mode\n${macvlanUsage(kind)}`, 1);
    }
    data.flags = flags;
  }
  return data as Data;
}

function modeNumber(name: string): number {
  for (const [number, text] of MACVLAN_MODES) if (text === name) return number;
  return 0;
}

function wrong(what: string, choices: string, value: string): never {
  throw new ToolError(`Error: argument of "${what}" must be ${choices}, not "${value}"\n`, 1);
}

/** A member of `macaddr set`; null: the tool reads the word as an option next, and complains of it only if its letters are no hex. */
function macOrOption(ip: Ip, word: string): number | null {
  try {
    const bytes = needLladdr(word);
    return bytes.length === 6 ? macOfBytes(bytes) : null;
  } catch (e) {
    if (!(e instanceof ToolError)) throw e;
    ip.proc.err(e.text);
    return null;
  }
}

function parseMacaddr(ip: Ip, kind: string, args: Args, data: Record<string, unknown>): void {
  const word = args.need();
  if (word === 'add' || word === 'del') {
    data.macaddrMode = word === 'add' ? MACVLAN_MACADDR_ADD : MACVLAN_MACADDR_DEL;
    const bytes = needLladdr(args.need());
    if (bytes.length !== 6) throw new ToolError('', 1); // the tool says nothing here
    data.macaddr = macOfBytes(bytes);
  } else if (word === 'flush') data.macaddrMode = MACVLAN_MACADDR_FLUSH;
  else if (word === 'set') {
    data.macaddrMode = MACVLAN_MACADDR_SET;
    const list: number[] = [];
    while (args.following !== undefined) {
      const mac = macOrOption(ip, args.following);
      if (mac === null) {
        args.cutFollowing();
        break;
      }
      list.push(mac);
      args.skip();
    }
    if (list.length > 0) data.macaddrData = list;
  } else throw new ToolError(macvlanUsage(kind), 1);
}
