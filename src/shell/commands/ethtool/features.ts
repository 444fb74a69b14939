// ethtool -k and -K. ethtool 6.1: netlink/features.c.

import { ETHTOOL } from '../../../netlink/genl.ts';
import { ETHTOOL_MSG_FEATURES_GET, ETHTOOL_MSG_FEATURES_SET } from '../../../uapi/ethtool.ts';
import { FEATURE_GROUPS, FEATURE_NAMES, inFeatureGroup } from '../../../uapi/ethtool-names.ts';
import { JsonWriter } from '../iproute/json-writer.ts';
import { bitsOf, type Ethtool, EthtoolExit, maskOf } from './client.ts';

interface State {
  hw: Set<number>;
  wanted: Set<number>;
  active: Set<number>;
  fixed: Set<number>;
}

function readState(tool: Ethtool, dev: string): State | null {
  const a = tool.ask(ETHTOOL.features, ETHTOOL_MSG_FEATURES_GET, { header: { devName: dev } });
  if (a === null) return null;
  return { hw: bitsOf(a.hw), wanted: bitsOf(a.wanted), active: bitsOf(a.active), fixed: bitsOf(a.nochange) };
}

/** ETHTOOL_FLAG_COMPACT_BITSETS. */
const COMPACT = 1;
const names: readonly string[] = FEATURE_NAMES;

/** -k. */
export function showFeatures(tool: Ethtool, dev: string, json: boolean): number {
  const s = readState(tool, dev);
  if (s === null) return 1;
  if (json) {
    const w = new JsonWriter(true);
    w.startArray();
    w.startObject();
    w.value('ifname', dev);
    eachLine(
      (name, bit) => {
        w.startObject(name);
        const fixed = !s.hw.has(bit) || s.fixed.has(bit);
        w.value('active', s.active.has(bit));
        w.value('fixed', fixed);
        w.value('requested', s.wanted.has(bit));
        w.endObject();
      },
      (name, bits) => {
        w.startObject(name);
        w.value(
          'active',
          bits.some((b) => s.active.has(b)),
        );
        w.value('fixed', null);
        w.value('requested', null);
        w.endObject();
      },
    );
    w.endObject();
    w.endArray();
    tool.proc.out(`${w.take()}\n`);
    return 0;
  }
  tool.proc.out(`Features for ${dev}:\n`);
  eachLine(
    (name, bit, indent) => tool.proc.out(`${indent}${name}: ${s.active.has(bit) ? 'on' : 'off'}${suffix(s, bit)}\n`),
    (name, bits) => tool.proc.out(`${name}: ${bits.some((b) => s.active.has(b)) ? 'on' : 'off'}\n`),
  );
  return 0;
}

function suffix(s: State, bit: number): string {
  if (!s.hw.has(bit) || s.fixed.has(bit)) return ' [fixed]';
  const wanted = s.wanted.has(bit);
  return wanted === s.active.has(bit) ? '' : ` [requested ${wanted ? 'on' : 'off'}]`;
}

/** Groups first, in the tool's order, then every other feature by bit. */
function eachLine(
  one: (name: string, bit: number, indent: string) => void,
  group: (name: string, bits: number[]) => void,
): void {
  const shown = new Set<number>();
  for (const g of FEATURE_GROUPS) {
    const bits = names.flatMap((name, bit) => (name !== '' && inFeatureGroup(g, name) ? [bit] : []));
    if (bits.length === 0) continue;
    for (const b of bits) shown.add(b);
    if (bits.length === 1) {
      one(g.long, bits[0], '');
      continue;
    }
    group(g.long, bits);
    for (const b of bits) one(names[b], b, '\t');
  }
  for (let bit = 0; bit < names.length; bit++) if (names[bit] !== '' && !shown.has(bit)) one(names[bit], bit, '');
}

/** -K: pairs of a name and on or off. */
export function setFeatures(tool: Ethtool, dev: string, words: readonly string[]): number {
  const bits: Array<{ name: string; value?: boolean }> = [];
  const asked = new Set<number>();
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [words[i], words[i + 1]];
    if (value !== 'on' && value !== 'off') {
      throw new EthtoolExit(
        `ethtool (-K): flag '${value ?? '(null)'}' for parameter '(null)' is not followed by 'on' or 'off'\n`,
        1,
      );
    }
    for (const feature of featuresOf(name)) {
      bits.push(value === 'on' ? { name: feature, value: true } : { name: feature });
      asked.add(names.indexOf(feature));
    }
  }
  if (bits.length === 0) {
    tool.proc.err('Could not change any device features\n');
    return 1;
  }
  const reply = tool.ask(ETHTOOL.features, ETHTOOL_MSG_FEATURES_SET, {
    header: { devName: dev, flags: COMPACT },
    wanted: { bits },
  });
  if (reply === null) return 92;
  return reportChanges(tool, reply, asked);
}

function featuresOf(name: string): string[] {
  const group = FEATURE_GROUPS.find((g) => g.short === name || g.long === name);
  if (group === undefined) return [name];
  const found = names.filter((f) => f !== '' && inFeatureGroup(group, f));
  return found.length > 0 ? found : [name];
}

/** What came out other than asked for. */
function reportChanges(tool: Ethtool, reply: Record<string, unknown>, asked: Set<number>): number {
  const missed = maskOf(reply.wanted);
  const wanted = bitsOf(reply.wanted);
  const changed = maskOf(reply.active);
  const active = bitsOf(reply.active);
  const nothing = changed.size === 0 && missed.size > 0 && missed.size === asked.size;
  const differs = missed.size > 0 || [...changed].some((b) => !asked.has(b));
  if (nothing) tool.proc.err('Could not change any device features\n');
  if (differs) {
    let out = 'Actual changes:\n';
    for (let bit = 0; bit < names.length; bit++) {
      if (names[bit] === '' || (!missed.has(bit) && !changed.has(bit))) continue;
      if (missed.has(bit)) out += `${names[bit]}: ${wanted.has(bit) ? 'off [requested on]' : 'on [requested off]'}\n`;
      else out += `${names[bit]}: ${active.has(bit) ? 'on' : 'off'}${asked.has(bit) ? '' : ' [not requested]'}\n`;
    }
    tool.proc.out(out);
  }
  return nothing ? 1 : 0;
}
