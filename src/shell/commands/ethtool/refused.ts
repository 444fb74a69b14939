// Options for what no device of the model can do: refused in the tool's words, as for a Linux driver without the operation.
// Each has its own words, because most still go by ioctl. ethtool 6.1: ethtool.c, rxclass.c, netlink/nlsock.c.

import { wordTable } from '../../../base/word-table.ts';
import type { Proc } from '../../process.ts';
import { EthtoolExit } from './client.ts';
import { checkParams } from './params.ts';

interface Words {
  /** `E` stands for the errno's text. */
  readonly text: string;
  readonly code: number;
  /** When there is no such device, if other than the above. */
  readonly nodev?: readonly [text: string, code: number];
}

const netlink = (code = 1): Words => ({
  text: 'netlink error: E\n',
  code,
  nodev: ['netlink error: no device matches name (offset 24)\nnetlink error: E\n', code],
});
const NFC: Words = {
  text: 'Cannot get RX rings: E\nrxclass: Cannot get RX class rule count: E\nRX classification rule retrieval failed\n',
  code: 1,
};
const INDIR: Words = { text: 'Cannot get RX ring count: E\n', code: 1 };
const MODULE = netlink();

const WORDS = wordTable<Words>({
  '-s': netlink(75),
  '--change': netlink(75),
  '-A': netlink(76),
  '--pause': netlink(76),
  '-n': NFC,
  '-u': NFC,
  '--show-nfc': NFC,
  '--show-ntuple': NFC,
  '-x': INDIR,
  '--show-rxfh': INDIR,
  '--show-rxfh-indir': INDIR,
  '-m': MODULE,
  '--dump-module-eeprom': MODULE,
  '--module-info': MODULE,
  '--show-eee': netlink(),
  '--set-eee': netlink(76),
  '--set-fec': netlink(83),
  '--cable-test': netlink(),
  '--cable-test-tdr': netlink(),
  '--show-tunnels': {
    ...netlink(),
    text: 'netlink error: device does not report tunnel offload info\nnetlink error: E\n',
  },
  '-w': { text: 'Can not get dump level: E\n', code: 1 },
  '--get-dump': { text: 'Can not get dump level: E\n', code: 1 },
  '--show-fec': netlink(),
  '-r': { text: 'Cannot restart autonegotiation: E\n', code: 255 },
  '--negotiate': { text: 'Cannot restart autonegotiation: E\n', code: 255 },
  '-p': { text: 'Cannot identify NIC: E\n', code: 255 },
  '--identify': { text: 'Cannot identify NIC: E\n', code: 255 },
  '-t': { text: 'Cannot test: E\n', code: 74, nodev: ['Cannot get strings: E\n', 74] },
  '--test': { text: 'Cannot test: E\n', code: 74, nodev: ['Cannot get strings: E\n', 74] },
  '-d': { text: 'Cannot get register dump: E\n', code: 74, nodev: ['Cannot get driver information: E\n', 72] },
  '--register-dump': {
    text: 'Cannot get register dump: E\n',
    code: 74,
    nodev: ['Cannot get driver information: E\n', 72],
  },
  '-e': { text: 'Cannot get EEPROM data: E\n', code: 74, nodev: ['Cannot get driver information: E\n', 74] },
  '--eeprom-dump': { text: 'Cannot get EEPROM data: E\n', code: 74, nodev: ['Cannot get driver information: E\n', 74] },
  '--phy-statistics': {
    text: 'no stats available\n',
    code: 94,
    nodev: ['Cannot get stats strings information: E\n', 96],
  },
});

/** These ask first what driver it is. */
const ASK_DRIVER = new Set(['-d', '--register-dump', '-e', '--eeprom-dump']);

/** Ends the command when the option is one of these. */
export function refuse(proc: Proc, option: string, dev: string | undefined, more: readonly string[]): void {
  const words = WORDS[option];
  if (words === undefined || dev === undefined) return;
  checkParams(option, more);
  const there = typeof proc.os.readFile(proc.ns, `/sys/class/net/${dev}/ifindex`) === 'string';
  const dumb = ASK_DRIVER.has(option) && typeof proc.os.drvInfo(proc.ns, dev) === 'number';
  const [text, code] = (there && !dumb) || words.nodev === undefined ? [words.text, words.code] : words.nodev;
  throw new EthtoolExit(text.replaceAll('E\n', `${there ? 'Operation not supported' : 'No such device'}\n`), code);
}
