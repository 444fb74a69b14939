// The words behind options that no device of the model takes: what is none of them is refused before the device is asked.
// ethtool 6.1: netlink/parser.c, nl_parser().

import { wordTable } from '../../../base/word-table.ts';
import { EthtoolExit } from './client.ts';

/** What may follow a word: one of these, a number (null), or whatever takes the rest of the line (undefined). */
type Values = readonly string[] | null | undefined;

interface Params {
  /** As the tool calls the option. */
  readonly option: string;
  readonly words: Readonly<Record<string, Values>>;
  /** What is said when there is no word; null: nothing, and nothing is done; undefined: the device is asked. */
  readonly none?: string | null;
}

const ON_OFF = ['on', 'off'];
const CHANGE: Params = {
  option: '-s',
  none: null,
  words: wordTable<Values>({
    speed: null,
    lanes: null,
    phyad: null,
    duplex: ['half', 'full'],
    port: ['tp', 'aui', 'bnc', 'mii', 'fibre', 'da', 'none', 'other'],
    mdix: ['auto', 'on', 'off'],
    autoneg: ON_OFF,
    'master-slave': ['preferred-master', 'preferred-slave', 'forced-master', 'forced-slave'],
    advertise: undefined,
    xcvr: undefined,
    wol: undefined,
    sopass: undefined,
    msglvl: undefined,
  }),
};
const PAUSE: Params = { option: '-A', words: wordTable<Values>({ autoneg: ON_OFF, rx: ON_OFF, tx: ON_OFF }) };

const PARAMS = wordTable<Params>({
  '-s': CHANGE,
  '--change': CHANGE,
  '-A': PAUSE,
  '--pause': PAUSE,
  '--set-eee': {
    option: '--set-eee',
    none: 'parameters missing',
    words: wordTable<Values>({ eee: ON_OFF, 'tx-lpi': ON_OFF, 'tx-timer': null, advertise: undefined }),
  },
  '--set-fec': {
    option: '--set-fec',
    none: 'parameters missing',
    words: wordTable<Values>({ encoding: undefined }),
  },
});

/** Ends the command when the words are wrong, or when there is nothing to do. */
export function checkParams(option: string, words: readonly string[]): void {
  const params = PARAMS[option];
  if (params === undefined) return;
  const no = (text: string): never => {
    throw new EthtoolExit(`ethtool (${params.option}): ${text}\n`, 1);
  };
  if (words.length === 0 && params.none === null) throw new EthtoolExit('', 0);
  if (words.length === 0 && params.none !== undefined) no(params.none as string);
  for (let i = 0; i < words.length; i += 2) {
    const [word, value] = [words[i], words[i + 1]];
    if (!(word in params.words)) no(`unknown parameter '${word}'`);
    if (value === undefined) no(`no value for parameter '${word}'`);
    const values = params.words[word];
    if (values === undefined) return;
    const good = values === null ? /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(value) : values.includes(value);
    if (!good) no(`invalid value '${value}' for parameter '${word}'`);
  }
}
