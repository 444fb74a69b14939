// What can be done about a finding, as data, and one table that says it: in the words of a lab (plan, verify), and as commands of
// the machine that it was found on (why).

import { shellWord } from '../../base/shell-word.ts';
import { BRIDGE } from '../../drivers/macvlan/modes.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { macvlanOf } from './topology.ts';

export type Cure =
  /** Nothing that is one command. */
  | { readonly do: 'words'; readonly text: string }
  /** In the namespace of the device that the finding is about; `also`: more about it, for people. */
  | { readonly do: 'run'; readonly command: string; readonly also: string | null }
  /** Siblings that do not hear each other; `or`: what would help as well. */
  | { readonly do: 'bridge-mode'; readonly or: 'hairpin' | null; readonly both: boolean }
  /** A macvlan of the host itself on `lower`; `over`: the one that it has and does not use. */
  | { readonly do: 'shim'; readonly lower: string; readonly over: string | null };

/** The machine as the table needs it: the two that a question is about, and how a command is run there. */
export interface Site {
  /** The device that the finding is about. */
  readonly dev: NetDevice;
  /** Those of the devices that belong to one of the two; all, where none does. */
  concerned(devs: readonly NetDevice[]): readonly NetDevice[];
  /** `ip netns exec blue COMMAND`: in the namespace of the device. */
  run(dev: NetDevice, command: string): string;
  /** Addresses of the one that is not in the device's namespace, with the length of a host's route. */
  others(): readonly { readonly address: string; readonly length: 32 | 128 }[];
}

type Table = {
  readonly [D in Cure['do']]: {
    words(cure: Extract<Cure, { do: D }>): string;
    /** Empty: nothing that could be said as a command. */
    commands(cure: Extract<Cure, { do: D }>, site: Site): string[];
  };
};

const TABLE: Table = {
  words: { words: ({ text }) => text, commands: () => [] },
  run: {
    words: ({ command, also }) => (also === null ? command : `${command} (${also})`),
    commands: ({ command }, { dev, run }) => [run(dev, command)],
  },
  'bridge-mode': {
    words: ({ or, both }) =>
      `${or === 'hairpin' ? 'hairpin on the switch, or ' : ''}"mode: bridge"${both ? ' for both' : ''}`,
    commands(_, site) {
      const macvlans = macvlansOn(site.dev);
      const meant = macvlans.length > 0 ? site.concerned(macvlans) : [site.dev];
      return toBridge(meant, site);
    },
  },
  shim: {
    words: ({ lower, over }) =>
      over === null ? '"hostShim": a macvlan for the host itself' : `routes to them over ${over}, not ${lower}`,
    commands(_, site) {
      const { dev, run } = site;
      const shim = macvlansOn(dev).find((d) => d.ns === dev.ns && macvlanOf(d)?.mode === BRIDGE);
      if (shim !== undefined) {
        const deaf = site.concerned(macvlansOn(dev).filter((d) => d.ns !== dev.ns));
        const routes = site.others().map(({ address, length }) => {
          return run(dev, `ip route replace ${address}/${length} dev ${shellWord(shim.name)}`);
        });
        return [...toBridge(deaf, site), ...routes];
      }
      const name = shellWord(`${dev.name.slice(0, 10)}shim`);
      return [
        run(dev, `ip link add ${name} link ${shellWord(dev.name)} type macvlan mode bridge`),
        run(dev, `ip link set ${name} up`),
        `# and the host's address of that subnet on ${name} instead of ${dev.name}`,
      ];
    },
  },
};

export function wordsOf(cure: Cure): string {
  return (TABLE[cure.do] as { words(cure: Cure): string }).words(cure);
}

export function commandsOf(cure: Cure, site: Site): string[] {
  return (TABLE[cure.do] as { commands(cure: Cure, site: Site): string[] }).commands(cure, site);
}

export const BRIDGE_MODE: Cure = { do: 'bridge-mode', or: null, both: false };

export function words(text: string): Cure {
  return { do: 'words', text };
}

export function run(command: string, also: string | null = null): Cure {
  return { do: 'run', command, also };
}

function macvlansOn(dev: NetDevice): NetDevice[] {
  return dev.uppers.filter((d) => macvlanOf(d) !== null);
}

function toBridge(devs: readonly NetDevice[], { run }: Site): string[] {
  return devs
    .filter((d) => (macvlanOf(d)?.mode ?? BRIDGE) !== BRIDGE)
    .map((d) => run(d, `ip link set ${shellWord(d.name)} type macvlan mode bridge`));
}
