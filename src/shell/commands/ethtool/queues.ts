// ethtool -l, -L, -g, -G: numbers of queues and sizes of rings; -T: time stamps; private flags; -a, for which no driver
// of the model has an answer. ethtool 6.1: netlink/channels.c, rings.c, tsinfo.c, privflags.c.

import { ETHTOOL } from '../../../netlink/genl.ts';
import {
  ETHTOOL_MSG_CHANNELS_GET,
  ETHTOOL_MSG_CHANNELS_SET,
  ETHTOOL_MSG_PAUSE_GET,
  ETHTOOL_MSG_PRIVFLAGS_GET,
  ETHTOOL_MSG_PRIVFLAGS_SET,
  ETHTOOL_MSG_RINGS_GET,
  ETHTOOL_MSG_RINGS_SET,
  ETHTOOL_MSG_TSINFO_GET,
} from '../../../uapi/ethtool.ts';
import { SOF_TIMESTAMPING_NAMES } from '../../../uapi/ethtool-names.ts';
import { bitsOf, type Ethtool, EthtoolExit } from './client.ts';

type Answer = Record<string, unknown>;

const line = (label: string, value: unknown): string => `${label}\t\t${value ?? 'n/a'}\n`;

/** -l. */
export function showChannels(tool: Ethtool, dev: string): number {
  const a = tool.ask(ETHTOOL.channels, ETHTOOL_MSG_CHANNELS_GET, { header: { devName: dev } });
  if (a === null) return 1;
  const part = (rx: unknown, tx: unknown, other: unknown, combined: unknown): string =>
    `${line('RX:', rx)}${line('TX:', tx)}${line('Other:', other)}Combined:\t${combined ?? 'n/a'}\n`;
  tool.proc.out(
    `Channel parameters for ${dev}:\nPre-set maximums:\n${part(a.rxMax, a.txMax, a.otherMax, a.combinedMax)}` +
      `Current hardware settings:\n${part(a.rxCount, a.txCount, a.otherCount, a.combinedCount)}`,
  );
  return 0;
}

/** -g. */
export function showRings(tool: Ethtool, dev: string): number {
  const a = tool.ask(ETHTOOL.rings, ETHTOOL_MSG_RINGS_GET, { header: { devName: dev } });
  if (a === null) return 1;
  const part = (rx: unknown, mini: unknown, jumbo: unknown, tx: unknown): string =>
    `${line('RX:', rx)}RX Mini:\t${mini ?? 'n/a'}\nRX Jumbo:\t${jumbo ?? 'n/a'}\n${line('TX:', tx)}`;
  const split = ['n/a', 'off', 'on'][(a.tcpDataSplit as number | undefined) ?? 0];
  const push = a.txPush === undefined ? 'n/a' : a.txPush === 0 ? 'off' : 'on';
  tool.proc.out(
    `Ring parameters for ${dev}:\nPre-set maximums:\n${part(a.rxMax, a.rxMiniMax, a.rxJumboMax, a.txMax)}` +
      `Current hardware settings:\n${part(a.rx, a.rxMini, a.rxJumbo, a.tx)}` +
      `${line('RX Buf Len:', a.rxBufLen)}${line('CQE Size:', a.cqeSize)}TX Push:\t${push}\nTCP data split:\t${split}\n`,
  );
  return 0;
}

const CHANNEL_WORDS = { rx: 'rxCount', tx: 'txCount', other: 'otherCount', combined: 'combinedCount' } as const;
const RING_WORDS = { rx: 'rx', 'rx-mini': 'rxMini', 'rx-jumbo': 'rxJumbo', tx: 'tx' } as const;

export function setChannels(tool: Ethtool, dev: string, words: readonly string[]): number {
  const attrs = { header: { devName: dev }, ...numbers('-L', CHANNEL_WORDS, words) };
  return tool.change(ETHTOOL.channels, ETHTOOL_MSG_CHANNELS_SET, attrs) ? 0 : 1;
}

export function setRings(tool: Ethtool, dev: string, words: readonly string[]): number {
  const attrs = { header: { devName: dev }, ...numbers('-G', RING_WORDS, words) };
  return tool.change(ETHTOOL.rings, ETHTOOL_MSG_RINGS_SET, attrs) ? 0 : 81;
}

/** Pairs of a parameter and its number. Linux tool: netlink/parser.c, nl_parser(). */
export function numbers(option: string, known: Readonly<Record<string, string>>, words: readonly string[]): Answer {
  const attrs: Answer = {};
  for (let i = 0; i < words.length; i += 2) {
    const [word, value] = [words[i], words[i + 1]];
    if (!Object.hasOwn(known, word)) throw new EthtoolExit(`ethtool (${option}): unknown parameter '${word}'\n`, 1);
    if (value === undefined) throw new EthtoolExit(`ethtool (${option}): no value for parameter '${word}'\n`, 1);
    if (!/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(value) || Number(value) > 0xffffffff) {
      throw new EthtoolExit(`ethtool (${option}): invalid value '${value}' for parameter '${word}'\n`, 1);
    }
    attrs[known[word]] = Number(value);
  }
  return attrs;
}

/** -T: what has no clock of its own stamps in software, if at all. */
export function showTimeStamps(tool: Ethtool, dev: string): number {
  const a = tool.ask(ETHTOOL.tsinfo, ETHTOOL_MSG_TSINFO_GET, { header: { devName: dev } });
  if (a === null) return 1;
  const can = bitsOf(a.timestamping);
  const names = SOF_TIMESTAMPING_NAMES.filter((_, bit) => can.has(bit));
  tool.proc.out(
    `Time stamping parameters for ${dev}:\nCapabilities:\n${names.map((name) => `\t${name}\n`).join('')}` +
      `PTP Hardware Clock: ${a.phcIndex ?? 'none'}\nHardware Transmit Timestamp Modes: none\nHardware Receive Filter Modes: none\n`,
  );
  return 0;
}

/** --show-priv-flags. */
export function showPrivFlags(tool: Ethtool, dev: string): number {
  const a = tool.ask(ETHTOOL.privflags, ETHTOOL_MSG_PRIVFLAGS_GET, { header: { devName: dev } });
  if (a === null) return 1;
  const set = a.flags as { bits?: Array<{ name?: string; value?: boolean }> } | undefined;
  const flags = (set?.bits ?? []).flatMap(({ name, value }) =>
    name === undefined ? [] : [{ name, on: value === true }],
  );
  const width = Math.max(...flags.map((f) => f.name.length), 0);
  tool.proc.out(
    `Private flags for ${dev}:\n${flags.map((f) => `${f.name.padEnd(width)}: ${f.on ? 'on' : 'off'}\n`).join('')}`,
  );
  return 0;
}

/** --set-priv-flags: pairs of a name and on or off. */
export function setPrivFlags(tool: Ethtool, dev: string, words: readonly string[]): number {
  const bits: Array<{ name: string; value?: boolean }> = [];
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [words[i], words[i + 1]];
    if (value !== 'on' && value !== 'off') {
      throw new EthtoolExit(
        `ethtool (--set-priv-flags): flag '${value ?? '(null)'}' for parameter 'flags' is not followed by 'on' or 'off'\n`,
        1,
      );
    }
    bits.push(value === 'on' ? { name, value: true } : { name });
  }
  return tool.change(ETHTOOL.privflags, ETHTOOL_MSG_PRIVFLAGS_SET, { header: { devName: dev }, flags: { bits } })
    ? 0
    : 1;
}

/** -a: the kernel is asked, and says that the driver has nothing. */
export function showPause(tool: Ethtool, dev: string): number {
  return unanswered(tool.ask(ETHTOOL.pause, ETHTOOL_MSG_PAUSE_GET, { header: { devName: dev } }), '-a');
}

function unanswered(answer: Answer | null, option: string): number {
  if (answer !== null) throw new EthtoolExit(`ethtool: lowerdev does not print what "${option}" answers yet\n`, 1);
  return 1;
}
