// ethtool -c and -C: interrupt moderation. ethtool 6.1: netlink/coalesce.c.

import { wordTable } from '../../../base/word-table.ts';
import { ETHTOOL } from '../../../netlink/genl.ts';
import { ETHTOOL_MSG_COALESCE_GET, ETHTOOL_MSG_COALESCE_SET } from '../../../uapi/ethtool.ts';
import { type Ethtool, EthtoolExit } from './client.ts';
import { numbers } from './queues.ts';

/** What is typed, and its attribute. Blocks are printed with an empty line after each. */
const BLOCKS: ReadonlyArray<ReadonlyArray<readonly [word: string, key: string]>> = [
  [
    ['stats-block-usecs', 'statsBlockUsecs'],
    ['sample-interval', 'rateSampleInterval'],
    ['pkt-rate-low', 'pktRateLow'],
    ['pkt-rate-high', 'pktRateHigh'],
  ],
  [
    ['rx-usecs', 'rxUsecs'],
    ['rx-frames', 'rxMaxFrames'],
    ['rx-usecs-irq', 'rxUsecsIrq'],
    ['rx-frames-irq', 'rxMaxFramesIrq'],
  ],
  [
    ['tx-usecs', 'txUsecs'],
    ['tx-frames', 'txMaxFrames'],
    ['tx-usecs-irq', 'txUsecsIrq'],
    ['tx-frames-irq', 'txMaxFramesIrq'],
  ],
  [
    ['rx-usecs-low', 'rxUsecsLow'],
    ['rx-frame-low', 'rxMaxFramesLow'],
    ['tx-usecs-low', 'txUsecsLow'],
    ['tx-frame-low', 'txMaxFramesLow'],
  ],
  [
    ['rx-usecs-high', 'rxUsecsHigh'],
    ['rx-frame-high', 'rxMaxFramesHigh'],
    ['tx-usecs-high', 'txUsecsHigh'],
    ['tx-frame-high', 'txMaxFramesHigh'],
  ],
];

const SWITCHES = wordTable<string>({
  'adaptive-rx': 'useAdaptiveRx',
  'adaptive-tx': 'useAdaptiveTx',
  'cqe-mode-rx': 'useCqeModeRx',
  'cqe-mode-tx': 'useCqeModeTx',
});
const NUMBERS: Readonly<Record<string, string>> = Object.fromEntries(
  BLOCKS.flat().map(([word, key]) => [word.replace('frame-', 'frames-'), key]),
);

/** -c. */
export function showCoalesce(tool: Ethtool, dev: string): number {
  const a = tool.ask(ETHTOOL.coalesce, ETHTOOL_MSG_COALESCE_GET, { header: { devName: dev } });
  if (a === null) return 1;
  const flag = (value: unknown): string => (value === undefined ? 'n/a' : value === 0 ? 'off' : 'on');
  const block = (lines: (typeof BLOCKS)[number]): string =>
    `${lines.map(([word, key]) => `${word}: ${a[key] ?? 'n/a'}\n`).join('')}\n`;
  tool.proc.out(
    `Coalesce parameters for ${dev}:\nAdaptive RX: ${flag(a.useAdaptiveRx)}  TX: ${flag(a.useAdaptiveTx)}\n` +
      BLOCKS.map(block).join('') +
      `CQE mode RX: ${flag(a.useCqeModeRx)}  TX: ${flag(a.useCqeModeTx)}\n\n`,
  );
  return 0;
}

/** -C: pairs of a parameter and its value. */
export function setCoalesce(tool: Ethtool, dev: string, words: readonly string[]): number {
  const attrs: Record<string, unknown> = { header: { devName: dev } };
  const rest: string[] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [word, value] = [words[i], words[i + 1]];
    if (!Object.hasOwn(SWITCHES, word) || value === undefined) rest.push(...words.slice(i, i + 2));
    else if (value !== 'on' && value !== 'off') {
      throw new EthtoolExit(`ethtool (-C): invalid value '${value}' for parameter '${word}'\n`, 1);
    } else attrs[SWITCHES[word]] = value === 'on' ? 1 : 0;
  }
  Object.assign(attrs, numbers('-C', NUMBERS, rest));
  return tool.change(ETHTOOL.coalesce, ETHTOOL_MSG_COALESCE_SET, attrs) ? 0 : 1;
}
