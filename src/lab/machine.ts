// What hardware there is: NICs, cables, and the external switches and hosts at their far ends. Plain data, already checked:
// machine-yaml.ts reads it from a file, build-machine.ts makes it. docs/machine-file.md describes the file.

import type { OffloadProfile } from '../drivers/nic/offload-profiles.ts';
import { FileError } from './problems.ts';

/** A port: of the host (owner ''), of a switch or of a peer. Written `eth0`, `switch/port`, `peer/eth0`. */
export interface PortRef {
  readonly owner: string;
  readonly port: string;
}

/** null: as the profile or the seed has it. */
export interface MachineNic {
  readonly name: string;
  readonly profile: string;
  readonly mac: number | null;
  readonly queues: number | null;
  readonly ring: number | null;
  readonly speedBps: number | null;
  readonly mtu: number | null;
  readonly busInfo: string | null;
  readonly unicastFilters: number | null;
  /** L2 forwarding offload; absent: the profile's; null: none. */
  readonly offload?: OffloadProfile | null;
  /** Byte queue limits on its txqs; absent: yes. */
  readonly bql?: boolean;
}

export interface MachineCable {
  readonly between: readonly [PortRef, PortRef];
  /** null: as fast as the slower of its ports. 0: no limit. */
  readonly rateBps: number | null;
  readonly delayNs: number;
  readonly lossNum: number;
  readonly lossDen: number;
}

export interface MachineSwitch {
  readonly name: string;
  readonly ports: readonly string[];
  readonly learning: boolean;
  /** Ports that send a frame back where it came from. */
  readonly hairpin: readonly string[];
  readonly ageingNs: number;
}

export interface MachinePeer {
  readonly name: string;
  readonly nic: MachineNic;
  readonly addresses: ReadonlyArray<{ readonly addr: number; readonly prefixLen: number }>;
  readonly routes: ReadonlyArray<{ readonly dst: number; readonly prefixLen: number; readonly via: number }>;
  readonly up: boolean;
}

export const MACVLAN_ERAS = ['before-4.18', 'since-4.18'] as const;
export type MacvlanEra = (typeof MACVLAN_ERAS)[number];

export interface Machine {
  /** macvlan and its NICs as before Linux 4.18, or as since then; absent: since. */
  readonly macvlan?: MacvlanEra;
  readonly nics: readonly MachineNic[];
  readonly cables: readonly MachineCable[];
  readonly switches: readonly MachineSwitch[];
  readonly peers: readonly MachinePeer[];
}

/** 100 m of fibre. */
export const DEFAULT_DELAY_NS = 500;
/** What a bridge forgets after. Linux: BR_DEFAULT_AGEING_TIME. */
export const DEFAULT_AGEING_NS = 300e9;

/** One thing that is wrong with a file. */
/** A machine file that is not right. */
export class MachineError extends FileError {
  override readonly name = 'MachineError';
}

export function portText(ref: PortRef): string {
  return ref.owner === '' ? ref.port : `${ref.owner}/${ref.port}`;
}
