// ethtool: what a device can do, does and counts. One file a group of options. ethtool 6.1: ethtool.c.

import { wordTable } from '../../../base/word-table.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { Command, Proc } from '../../process.ts';
import { Ethtool, EthtoolExit } from './client.ts';
import { setCoalesce, showCoalesce } from './coalesce.ts';
import { setFeatures, showFeatures } from './features.ts';
import {
  setChannels,
  setPrivFlags,
  setRings,
  showChannels,
  showPause,
  showPrivFlags,
  showRings,
  showTimeStamps,
} from './queues.ts';
import { refuse } from './refused.ts';
import { showSettings } from './settings.ts';

const BAD = 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n';
const HELP = `ethtool version 6.1
Usage:
        ethtool [ FLAGS ]  DEVNAME\tDisplay standard information about device
        ethtool [ FLAGS ] -k|--show-features|--show-offload DEVNAME\tGet state of protocol offload and other features
        ethtool [ FLAGS ] -K|--features|--offload DEVNAME\tSet protocol offload and other features
\t\tFEATURE on|off ...
        ethtool [ FLAGS ] -i|--driver DEVNAME\tShow driver information
        ethtool [ FLAGS ] -S|--statistics DEVNAME\tShow adapter statistics
        ethtool [ FLAGS ] -P|--show-permaddr DEVNAME\tShow permanent hardware address
        ethtool [ FLAGS ] -l|--show-channels DEVNAME\tQuery Channels
        ethtool [ FLAGS ] -L|--set-channels DEVNAME\tSet Channels
               [ rx N ]
               [ tx N ]
               [ other N ]
               [ combined N ]
        ethtool [ FLAGS ] -g|--show-ring DEVNAME\tQuery RX/TX ring parameters
        ethtool [ FLAGS ] -G|--set-ring DEVNAME\tSet RX/TX ring parameters
\t\t[ rx N ]
\t\t[ tx N ]
        ethtool [ FLAGS ] -c|--show-coalesce DEVNAME\tShow coalesce options
        ethtool [ FLAGS ] -C|--coalesce DEVNAME\tSet coalesce options
\t\t[ rx-usecs N ]
        ethtool [ FLAGS ] -T|--show-time-stamping DEVNAME\tShow time stamping capabilities
        ethtool [ FLAGS ] --show-priv-flags DEVNAME\tQuery private flags
        ethtool [ FLAGS ] --set-priv-flags DEVNAME\tSet private flags
\t\tFLAG on|off ...
        ethtool [ FLAGS ] -h|--help\t\tShow this help
        ethtool [ FLAGS ] --version\t\tShow version number

FLAGS:
\t--json
`;

interface Option {
  readonly run: (tool: Ethtool, dev: string, words: readonly string[]) => number;
  /** Words may follow the device. */
  readonly more?: boolean;
}

/** One line each; the names of an option are in NAMES. */
const OPTIONS: Readonly<Record<string, Option>> = {
  k: { run: (tool, dev) => showFeatures(tool, dev, false) },
  K: { run: setFeatures, more: true },
  i: { run: (tool, dev) => driverInfo(tool.proc, dev) },
  S: { run: (tool, dev) => statistics(tool.proc, dev) },
  P: { run: (tool, dev) => permanentAddress(tool.proc, dev) },
  l: { run: showChannels },
  L: { run: setChannels, more: true },
  g: { run: showRings },
  G: { run: setRings, more: true },
  T: { run: showTimeStamps },
  a: { run: showPause },
  c: { run: showCoalesce },
  C: { run: setCoalesce, more: true },
  privFlags: { run: showPrivFlags },
  setPrivFlags: { run: setPrivFlags, more: true },
  show: { run: showSettings },
};

const NAMES = wordTable<string>({
  '--show-features': 'k',
  '--show-offload': 'k',
  '--features': 'K',
  '--offload': 'K',
  '--driver': 'i',
  '--statistics': 'S',
  '--show-permaddr': 'P',
  '--show-channels': 'l',
  '--set-channels': 'L',
  '--show-ring': 'g',
  '--set-ring': 'G',
  '--show-time-stamping': 'T',
  '--show-pause': 'a',
  '--show-coalesce': 'c',
  '--coalesce': 'C',
  '--show-priv-flags': 'privFlags',
  '--set-priv-flags': 'setPrivFlags',
});

function optionOf(word: string): Option | undefined {
  if (!word.startsWith('-')) return OPTIONS.show;
  const name = word.length === 2 ? word[1] : NAMES[word];
  return name !== undefined && Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
}

/** Options of the real tool that the model has nothing for yet. */
const ABSENT = new Set(
  (
    '-E --change-eeprom -N -U --config-nfc --config-ntuple -X --set-rxfh-indir --rxfh -W --set-dump ' +
    '--get-phy-tunable --set-phy-tunable --get-tunable --set-tunable --reset -Q --per-queue ' +
    '--show-module --set-module --get-plca-cfg --monitor'
  ).split(' '),
);

export const ethtool: Command = {
  name: 'ethtool',
  summary: 'show and set features and counters of devices (ethtool)',
  async run(proc) {
    try {
      return main(proc);
    } catch (e) {
      if (!(e instanceof EthtoolExit)) throw e;
      proc.err(e.text);
      return e.code;
    }
  },
};

function main(proc: Proc): number {
  const words = [...proc.argv];
  let json = false;
  while (
    words[0] === '--json' ||
    words[0] === '-j' ||
    words[0] === '--debug' ||
    words[0] === '-I' ||
    words[0] === '--include-statistics'
  ) {
    const flag = words.shift();
    if (flag === '--json' || flag === '-j') json = true;
    if (flag === '--debug') words.shift();
  }
  const first = words.shift();
  if (first === undefined) throw new EthtoolExit(BAD, 1);
  if (first === '-h' || first === '--help') {
    proc.out(HELP);
    return 0;
  }
  if (first === '--version') {
    proc.out('ethtool version 6.1\n');
    return 0;
  }
  if (ABSENT.has(first)) throw new EthtoolExit(`ethtool: the model has no "${first}" yet\n`, 1);
  const option = optionOf(first);
  const dev = first.startsWith('-') ? words.shift() : first;
  refuse(proc, first, dev, words);
  if (option === undefined || dev === undefined || (json && option !== OPTIONS.k)) throw new EthtoolExit(BAD, 1);
  if (option.more !== true && words.length > 0)
    throw new EthtoolExit(`ethtool: unexpected parameter '${words[0]}'\n`, 1);
  const tool = new Ethtool(proc);
  try {
    return json ? showFeatures(tool, dev, true) : option.run(tool, dev, words);
  } finally {
    tool.close();
  }
}

function driverInfo(proc: Proc, dev: string): number {
  const info = proc.os.drvInfo(proc.ns, dev);
  if (typeof info === 'number') throw new EthtoolExit(`Cannot get driver information: ${strerror(-info)}\n`, 71);
  const yes = (b: boolean): string => (b ? 'yes' : 'no');
  proc.out(
    `driver: ${info.driver}\nversion: ${info.version}\nfirmware-version: ${info.fwVersion}\n` +
      `expansion-rom-version: ${info.expansionRomVersion}\nbus-info: ${info.busInfo}\n` +
      `supports-statistics: ${yes(info.supportsStatistics)}\nsupports-test: ${yes(info.supportsTest)}\n` +
      `supports-eeprom-access: ${yes(info.supportsEepromAccess)}\nsupports-register-dump: ${yes(info.supportsRegisterDump)}\n` +
      `supports-priv-flags: ${yes(info.supportsPrivFlags)}\n`,
  );
  return 0;
}

function statistics(proc: Proc, dev: string): number {
  const stats = proc.os.drvStats(proc.ns, dev);
  if (stats === -95 || (typeof stats !== 'number' && stats.length === 0))
    throw new EthtoolExit('no stats available\n', 94);
  if (typeof stats === 'number')
    throw new EthtoolExit(`Cannot get stats strings information: ${strerror(-stats)}\n`, 96);
  proc.out(`NIC statistics:\n${stats.map(([name, value]) => `     ${name}: ${value}\n`).join('')}`);
  return 0;
}

/** The address that the hardware came with is in the link's message; virtual devices have none. */
function permanentAddress(proc: Proc, dev: string): number {
  const text = proc.os.readFile(proc.ns, `/sys/class/net/${dev}/addr_assign_type`);
  if (typeof text === 'number') throw new EthtoolExit('netlink error: No such device\n', 1);
  const address = String(proc.os.readFile(proc.ns, `/sys/class/net/${dev}/address`)).trim();
  const own = text.trim() === '0' && address !== '00:00:00:00:00:00';
  proc.out(own ? `Permanent address: ${address}\n` : 'Permanent address: not set\n');
  return 0;
}
