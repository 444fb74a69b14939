// What doctor finds: something suspicious, where, what shows it, and what would cure it. Plain data.

import type { View } from '../status/view.ts';

/** error: something does not work now; warning: it will not under a condition; note: good to know. */
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  /** As docs/doctor.md lists them: `host-isolated`. */
  readonly code: string;
  readonly severity: Severity;
  /** `netns/device`, or a namespace. */
  readonly where: string;
  /** One sentence. */
  readonly text: string;
  /** What was seen, each a line. */
  readonly evidence: readonly string[];
  /** What to do, as a sentence or as commands; null: nothing on this machine cures it. */
  readonly cure: string | null;
  /** What `doctor --fix` would do; null: nothing that is safe. */
  readonly fix: Fix | null;
}

export interface Fix {
  /** The exact change, as commands of `ip` and `tc`. */
  readonly commands: readonly string[];
  readonly acts: readonly FixAct[];
}

/** Namespaces are named by their inode number, devices by their ifindex there. */
export type FixAct =
  | {
      /** Routes to `addresses` over a macvlan of the host: an own one when `create` says how, else the one called `name`. */
      readonly do: 'shim';
      readonly ns: number;
      readonly lower: number;
      readonly name: string;
      readonly create: { readonly mac: string } | null;
      readonly routes: readonly ShimRoute[];
    }
  | { readonly do: 'qdisc'; readonly ns: number; readonly dev: number; readonly kinds: readonly string[] }
  | {
      readonly do: 'announce';
      readonly ns: number;
      readonly dev: number;
      readonly mac: string;
      readonly addresses: readonly string[];
    }
  | { readonly do: 'link-del'; readonly ns: number; readonly dev: number; readonly name: string }
  | { readonly do: 'netns-del'; readonly ns: number; readonly name: string };

export interface ShimRoute {
  readonly to: string;
  /** The host's own address that packets carry; null: the kernel chooses. */
  readonly src: string | null;
}

/** What checks examine. */
export interface Patient {
  readonly view: View;
  /** Devices of the host that a lab wants to put macvlans on. */
  readonly wanted: readonly string[];
}

export interface Check {
  /** The codes of its findings. */
  readonly codes: readonly string[];
  examine(patient: Patient): Finding[];
}

/** A finding that nothing can be done about by itself. */
export function finding(
  severity: Severity,
  code: string,
  where: string,
  text: string,
  more: { evidence?: readonly string[]; cure?: string | null; fix?: Fix | null } = {},
): Finding {
  return { code, severity, where, text, evidence: more.evidence ?? [], cure: more.cure ?? null, fix: more.fix ?? null };
}
