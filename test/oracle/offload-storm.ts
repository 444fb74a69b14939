// Storms on a NIC that forwards for its macvlans, in the model alone: the same random lab with l2-fwd-offload on, off and
// toggled, with few stations, tiny rings, and each family of NICs. Checkers watch all of them. Where offload must make no
// difference (its switch is a VEPA, the NIC tells macvlan when it lets go, modes and addresses stay as they were when the
// station was given) every device hears the same set of frames in all three.

import { Stream } from '../../src/base/random.ts';
import { ringsOf } from '../../src/lab/checkers.ts';
import { parseMachine } from '../../src/lab/machine-yaml.ts';
import { F_L2FW_DOFFLOAD } from '../../src/net/features.ts';
import type { NetDevice } from '../../src/net/netdev.ts';
import type { QueueRange } from '../../src/net/offload.ts';
import { NicCheck } from '../../src/probe/check-nic.ts';
import { BROADCAST, EXTERNALS, GROUPS, MACS } from './generate-frames.ts';
import type { FrameSpec, Lab, Op } from './lab.ts';
import { ModelArm } from './model-arm.ts';

export type OffloadOp = Op | { do: 'offload'; on: boolean } | { do: 'hwmode'; mode: number };

export interface OffloadLab {
  seed: number;
  machine: string;
  /** Must it deliver the same with offload on and off? */
  alike: boolean;
  ops: OffloadOp[];
}

export const SPACES = ['host', 'x', 'c0', 'c1', 'c2'];
const VEB = 0;
const VEPA = 1;
const [PRIVATE, VEPA_MODE, BRIDGE, PASSTHRU, SOURCE] = [1, 2, 4, 8, 16];

export function generateOffloadLab(seed: number): OffloadLab {
  const s = new Stream(seed, 'offload storm');
  const pick = <T>(from: readonly T[]): T => from[s.below(from.length)];
  const alike = s.chance(2, 3);
  const profile = alike ? 'generic' : pick(['generic', 'ixgbe', 'i40e', 'ice', 'fm10k']);
  const stations = pick([1, 2, 3, 16]);
  const ring = pick([alike ? 512 : 64, 512]);
  const hairpin = s.chance(1, 2);
  const machine = [
    'nics:',
    `  eth0: { profile: ${profile}, mac: "${EXTERNALS[0]}", ring: ${ring}${profile === 'generic' ? `, offload: { stations: ${stations}, ringOnUpper: ${s.chance(1, 2)} }` : ''} }`,
    `  eth1: { profile: generic, mac: "${EXTERNALS[1]}" }`,
    ...(hairpin
      ? [
          'switches:',
          '  sw: { ports: [a, b], hairpin: [a] }',
          'cables:',
          '  - { between: [eth0, sw/a] }',
          '  - { between: [eth1, sw/b] }',
        ]
      : ['cables:', '  - { between: [eth0, eth1] }']),
  ].join('\n');
  const ops: OffloadOp[] = [
    { do: 'move', dev: 'eth1', ns: 'x' },
    { do: 'flag', dev: 'eth1', flag: 'up', on: true },
    { do: 'flag', dev: 'eth0', flag: 'up', on: true },
    { do: 'hwmode', mode: alike ? VEPA : pick([VEB, VEPA]) },
    { do: 'offload', on: true },
  ];
  const modes = alike ? [PRIVATE, VEPA_MODE, BRIDGE] : [PRIVATE, VEPA_MODE, BRIDGE, SOURCE, PASSTHRU];
  const names = Array.from({ length: 2 + s.below(4) }, (_, i) => `m${i}`);
  const create = (dev: string): void => {
    const i = Number(dev.slice(1));
    ops.push({ do: 'macvlan', dev, ns: pick(SPACES), on: 'eth0', mac: MACS[i], data: { mode: pick(modes) } });
    ops.push({ do: 'flag', dev, flag: 'up', on: true });
  };
  for (const dev of names) create(dev);
  const frame = (): FrameSpec => ({
    dst: pick([
      ...MACS.slice(0, names.length),
      ...MACS.slice(0, names.length),
      EXTERNALS[0],
      EXTERNALS[1],
      EXTERNALS[2],
      BROADCAST,
      BROADCAST,
      GROUPS[0],
    ]),
    src: null,
    rest: '88b5',
    length: pick([60, 300, 1514]),
  });
  const send = (): OffloadOp => {
    const one = frame();
    // With tiny rings a burst loses frames, with and without offload.
    const burst = alike ? 1 : pick([1, 1, 5, 100]);
    return {
      do: 'send',
      dev: pick([...names, ...names, 'eth0', 'eth1']),
      frames: Array.from({ length: burst }, () => one),
    };
  };
  const changes: Array<() => void> = [
    () => ops.push({ do: 'offload', on: s.chance(1, 2) }),
    () => ops.push({ do: 'flag', dev: pick(names), flag: 'up', on: s.chance(1, 2) }),
    () => ops.push({ do: 'flag', dev: pick(names), flag: pick(['promisc', 'allmulticast']), on: s.chance(1, 2) }),
    () => ops.push({ do: 'group', dev: pick(names), join: s.chance(2, 3), mac: GROUPS[0] }),
    () => ops.push({ do: 'change', dev: pick(names), data: { mode: pick(modes) } }),
    () => ops.push({ do: 'move', dev: pick(names), ns: pick(SPACES) }),
    () =>
      ops.push(
        { do: 'flag', dev: 'eth0', flag: 'up', on: s.chance(1, 3) },
        { do: 'flag', dev: 'eth0', flag: 'up', on: true },
      ),
    () => {
      const dev = pick(names);
      ops.push({ do: 'delete', dev });
      create(dev);
    },
    () => {
      const dev = pick(names);
      // A station keeps the address that it was given: asked for while down, where nothing may differ.
      if (alike) ops.push({ do: 'flag', dev, flag: 'up', on: false });
      ops.push({ do: 'mac', dev, mac: pick(MACS) }, { do: 'flag', dev, flag: 'up', on: true });
    },
  ];
  if (!alike) changes.push(() => ops.push({ do: 'hwmode', mode: pick([VEB, VEPA]) }));
  for (let i = 20 + s.below(30); i > 0; i--) {
    if (s.chance(3, 5)) ops.push(send());
    else pick(changes)();
  }
  return { seed, machine, alike, ops };
}

/** Is offload used: as the lab says, not at all, or always? */
export type Arm = 'toggled' | 'off' | 'on';

export interface OffloadRun {
  /** By operation: who heard what, sorted. */
  heard: string[][];
  complaints: string[];
  /** Stations that there were at most, and macvlans that were turned away: a storm without them proves little. */
  stations: number;
  refusals: number;
}

export function runOffload(lab: OffloadLab, arm: Arm): OffloadRun {
  const plain: Lab = { seed: lab.seed, spaces: SPACES, taps: true, ops: [] };
  const m = new ModelArm(plain, parseMachine(lab.machine, 'storm'));
  const eth0 = m.dev('eth0') as NetDevice;
  const nic = new NicCheck(m.model.kernel, ringsOf);
  const run: OffloadRun = { heard: [], complaints: [], stations: 0, refusals: 0 };
  for (const op of lab.ops) {
    if (op.do === 'offload') {
      if (arm !== 'off') setOffload(eth0, op.on || arm === 'on');
    } else if (op.do === 'hwmode') eth0.bridgeSetMode?.(eth0, op.mode);
    const frames = op.do === 'offload' || op.do === 'hwmode' ? m.settle() : m.perform(m.deedOf(op)).frames;
    run.heard.push(op.do === 'send' ? frames.filter(isHeard).sort((a, b) => (a < b ? -1 : 1)) : []);
    run.complaints.push(...nic.verify()); // all has come to rest
    const state = eth0.describeOffload?.(eth0);
    if (state === undefined) continue;
    run.stations = Math.max(run.stations, state.stationsUsed);
    run.refusals = Math.max(run.refusals, state.refusals.length);
    run.complaints.push(...overlaps([state.own, ...state.stations.filter((one) => one.bound).map((one) => one.tx)]));
  }
  // The checker of the mode table knows macvlan's ways, not the embedded switch: a frame of a station passes its lowerdev
  // unseen, and a VEB lets every pair talk that has a station between them.
  run.complaints.push(...m.end().filter((text) => arm === 'off' || !text.startsWith('modes: ')));
  return run;
}

export interface OffloadResult {
  /** Rules that were broken, a line each. */
  wrong: string[];
  stations: number;
  refusals: number;
  frames: number;
}

/** A lab in all three arms: what checkers say of each, and what one hears and another does not. */
export function stormOffload(lab: OffloadLab): OffloadResult {
  const out: OffloadResult = { wrong: [], stations: 0, refusals: 0, frames: 0 };
  const heard = new Map<Arm, string[][]>();
  for (const arm of ['off', 'toggled', 'on'] as const) {
    try {
      const run = runOffload(lab, arm);
      heard.set(arm, run.heard);
      out.wrong.push(...new Set(run.complaints));
      if (arm !== 'off') {
        out.stations += run.stations;
        out.refusals += run.refusals;
      }
      out.frames += run.heard.reduce((sum, lines) => sum + lines.length, 0);
    } catch (error) {
      out.wrong.push(`${arm}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const off = heard.get('off');
  for (const arm of lab.alike && off !== undefined ? (['toggled', 'on'] as const) : []) {
    const at = heard.get(arm)?.findIndex((lines, i) => lines.join('\n') !== off?.[i].join('\n')) ?? -1;
    if (at < 0) continue;
    const [was, now] = [off?.[at].join(', '), heard.get(arm)?.[at].join(', ')];
    out.wrong.push(
      `heard: ${arm}: operation ${at} ${JSON.stringify(lab.ops[at])}: in software ${was}; with offload ${now}`,
    );
  }
  return out;
}

/** eth0 sees more of what software forwards than of what the hardware does; what is its own it hears either way. */
function isHeard(line: string): boolean {
  const [dev, kind] = line.split(' ', 2);
  return kind !== 'OTHERHOST' && (dev !== 'eth0' || kind !== 'OUT');
}

/** As `ethtool -K eth0 l2-fwd-offload`. */
function setOffload(dev: NetDevice, on: boolean): void {
  if ((dev.hwFeatures & F_L2FW_DOFFLOAD) === 0n) return;
  dev.wantedFeatures = on ? dev.wantedFeatures | F_L2FW_DOFFLOAD : dev.wantedFeatures & ~F_L2FW_DOFFLOAD;
  dev.core.updateFeatures(dev);
}

/** Ranges of queues that are nobody's twice. */
function overlaps(ranges: readonly QueueRange[]): string[] {
  const used = ranges.filter((r) => r.count > 0).sort((a, b) => a.offset - b.offset);
  return used.flatMap((r, i) =>
    i > 0 && used[i - 1].offset + used[i - 1].count > r.offset
      ? [`queues ${r.offset}+${r.count} and ${used[i - 1].offset}+${used[i - 1].count} overlap`]
      : [],
  );
}
