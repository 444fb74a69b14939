// ethtool DEV: speed, modes and link. ethtool 6.1: netlink/settings.c.

import { ETHTOOL } from '../../../netlink/genl.ts';
import {
  ETHTOOL_MSG_DEBUG_GET,
  ETHTOOL_MSG_LINKINFO_GET,
  ETHTOOL_MSG_LINKMODES_GET,
  ETHTOOL_MSG_LINKSTATE_GET,
  ETHTOOL_MSG_WOL_GET,
  SPEED_UNKNOWN,
} from '../../../uapi/ethtool.ts';
import { LINK_MODE_NAMES, MSG_CLASS_NAMES } from '../../../uapi/ethtool-names.ts';
import { bitsOf, type Ethtool, maskOf } from './client.ts';

const names: readonly string[] = LINK_MODE_NAMES;
const PORT_NAMES = ['TP', 'AUI', 'MII', 'FIBRE', 'BNC', 'Backplane'];
const PORTS: Record<number, string> = {
  0: 'Twisted Pair',
  1: 'AUI',
  2: 'MII',
  3: 'FIBRE',
  4: 'BNC',
  5: 'Direct Attach Copper',
  239: 'None',
  255: 'Other',
};

/** The whole report; 75 when the device told nothing. */
export function showSettings(tool: Ethtool, dev: string): number {
  const header = { devName: dev };
  const modes = tool.ask(ETHTOOL.linkmodes, ETHTOOL_MSG_LINKMODES_GET, { header }, true);
  const info = tool.ask(ETHTOOL.linkinfo, ETHTOOL_MSG_LINKINFO_GET, { header }, true);
  tool.ask(ETHTOOL.wol, ETHTOOL_MSG_WOL_GET, { header }, true); // no device of the model can be woken
  const debug = tool.ask(ETHTOOL.debug, ETHTOOL_MSG_DEBUG_GET, { header }, true);
  const state = tool.ask(ETHTOOL.linkstate, ETHTOOL_MSG_LINKSTATE_GET, { header }, true);
  let out = '';
  if (modes !== null) out += linkModes(modes);
  if (info !== null) out += linkInfo(info, modes);
  if (debug !== null) out += messageLevel(bitsOf(debug.msgmask));
  if (state !== null && state.link !== undefined) out += `\tLink detected: ${state.link === 1 ? 'yes' : 'no'}\n`;

  if (out === '') {
    tool.proc.out('No data available\n');
    return 75;
  }
  tool.proc.out(`Settings for ${dev}:\n${out}`);
  return 0;
}

function linkModes(a: Record<string, unknown>): string {
  const supported = maskOf(a.ours);
  const advertised = bitsOf(a.ours);
  const has = (set: Set<number>, name: string): boolean => set.has(names.indexOf(name));
  const ports = PORT_NAMES.filter((p) => has(supported, p));
  let out = `\tSupported ports: [ ${ports.join('\t ')} ]\n`;
  out += block('Supported', supported, has);
  out += block('Advertised', advertised, has);
  const speed = a.speed as number | undefined;
  if (speed !== undefined)
    out +=
      speed === 0 || speed === SPEED_UNKNOWN || speed === 65535 ? '\tSpeed: Unknown!\n' : `\tSpeed: ${speed}Mb/s\n`;
  const duplex = a.duplex as number | undefined;
  if (duplex !== undefined)
    out += `\tDuplex: ${duplex === 0 ? 'Half' : duplex === 1 ? 'Full' : `Unknown! (${duplex})`}\n`;
  if (a.autoneg !== undefined) out += `\tAuto-negotiation: ${a.autoneg === 1 ? 'on' : 'off'}\n`;
  return out;
}

function block(label: string, set: Set<number>, has: (set: Set<number>, name: string) => boolean): string {
  const auto = has(set, 'Autoneg') ? 'Yes' : 'No';
  const fec = ['None', 'BASER', 'RS', 'LLRS'].filter((f) => has(set, f));
  const pause = has(set, 'Pause')
    ? has(set, 'Asym_Pause')
      ? 'Symmetric Receive-only'
      : 'Symmetric'
    : has(set, 'Asym_Pause')
      ? 'Transmit-only'
      : 'No';
  const autoLine =
    label === 'Supported' ? `\tSupports auto-negotiation: ${auto}\n` : `\tAdvertised auto-negotiation: ${auto}\n`;
  return (
    `\t${`${label} link modes:`.padEnd(24)}${modeList(set)}\n` +
    `\t${label} pause frame use: ${pause}\n${autoLine}` +
    `\t${label} FEC modes: ${fec.length > 0 ? fec.join('\t ') : 'Not reported'}\n`
  );
}

/** Half and full duplex of a speed share a line. */
function modeList(set: Set<number>): string {
  const lines: string[] = [];
  let last = '';
  for (let bit = 0; bit < names.length; bit++) {
    if (!set.has(bit) || !names[bit].includes('base')) continue;
    const speed = names[bit].split('/')[0];
    if (speed === last) lines[lines.length - 1] += ` ${names[bit]}`;
    else lines.push(names[bit]);
    last = speed;
  }
  return lines.length === 0 ? 'Not reported' : lines.join(`\n\t${' '.repeat(24)}`);
}

function linkInfo(a: Record<string, unknown>, modes: Record<string, unknown> | null): string {
  let out = '';
  const port = a.port as number | undefined;
  if (port !== undefined) out += `\tPort: ${PORTS[port] ?? `Unknown! (${port})`}\n`;
  if (a.phyaddr !== undefined) out += `\tPHYAD: ${a.phyaddr}\n`;
  if (a.transceiver !== undefined)
    out += `\tTransceiver: ${a.transceiver === 0 ? 'internal' : a.transceiver === 1 ? 'external' : 'Unknown!'}\n`;
  if (port === 0 && a.tpMdix !== undefined && modes !== null) {
    const mdix = a.tpMdix as number;
    out += `\tMDI-X: ${mdix === 1 ? 'off' : mdix === 2 ? 'on' : 'Unknown'}${mdix !== 0 && a.tpMdixCtrl === 3 ? ' (auto)' : ''}\n`;
  }
  return out;
}

function messageLevel(bits: Set<number>): string {
  let value = 0;
  for (const b of bits) value += 2 ** b;
  const classes = MSG_CLASS_NAMES.filter((_, b) => bits.has(b)).join(' ');
  return `\tCurrent message level: 0x${value.toString(16).padStart(8, '0')} (${value})\n\t                       ${classes}\n`;
}
