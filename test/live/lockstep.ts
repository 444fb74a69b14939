// Two sandboxes that begin alike. Each line runs with the real tool in one and with ours in the other: what both say and
// return has to be the same, and what the kernels hold at the end too.

import type { Command } from '../../src/shell/process.ts';
import { runOurs, wordsOf } from './run.ts';
import { type Ran, Sandbox } from './sandbox.ts';
import { NO_PROXIES, WAITS } from './waits.ts';

export class Lockstep {
  readonly real: Sandbox;
  readonly ours: Sandbox;
  readonly #commands: ReadonlyMap<string, Command>;

  /** What differs between any two kernels, taken out of each one's texts. */
  readonly #norm: { real: (text: string) => string; ours: (text: string) => string };

  constructor(setup: string, commands: readonly Command[], norm: () => (text: string) => string = () => (t) => t) {
    this.#norm = { real: norm(), ours: norm() };
    this.#commands = new Map(commands.map((c) => [c.name, c]));
    this.real = new Sandbox();
    this.ours = new Sandbox();
    this.both(NO_PROXIES + setup);
  }

  /** The same shell script in both. */
  both(script: string): void {
    for (const box of [this.real, this.ours]) {
      const r = box.sh(`set -e\n${script}`);
      if (r.rc !== 0) throw new Error(`the set-up failed: ${r.err}`);
    }
  }

  /** One line: `[set-up ;;] command words`. Null when both agree, else both answers. A line that begins with ! is for both shells. */
  async step(line: string): Promise<string | null> {
    if (line.startsWith('!')) {
      this.both(line.slice(1));
      return null;
    }
    return this.#compare(line, this.ours);
  }

  /**
   * A line that only looks: both in one sandbox, since hashes order neighbours differently in each. Asked again before it is a
   * difference: link watch may have changed a state between the two.
   */
  async look(line: string): Promise<string | null> {
    const difference = await this.#compare(line, this.real);
    return difference === null ? null : this.#compare(line, this.real);
  }

  /** What both kernels hold, by a question for the shell. Null when they agree. */
  held(question: string): string | null {
    const [real, ours] = [this.real, this.ours].map((box) => settled(box.sh(question).out));
    return real === ours ? null : `${question}\n--- real\n${real}\n--- ours\n${ours}\n`;
  }

  /** A monitor in both while `script` runs in both. */
  async monitor(line: string, script: string): Promise<string | null> {
    const real = this.real.sh(`${WAITS}
      told=$(mktemp); already=$(hearers); ${line} > $told & monitor=$!
      listening $((already + 1))
      ${script}
      drained; kill $monitor; wait $monitor; cat $told; rm $told`);
    const [name, ...argv] = wordsOf(line);
    const command = this.#commands.get(name) as Command;
    const ours = await runOurs(this.ours, command, argv, { whileWaiting: () => this.ours.sh(`${script}\nsleep 0.4`) });
    return real.out === ours.out ? null : `${line}\n--- real\n${real.out}\n--- ours\n${ours.out}\n`;
  }

  async #compare(line: string, box: Sandbox): Promise<string | null> {
    const [name, ...argv] = wordsOf(line);
    const command = this.#commands.get(name);
    if (command === undefined) throw new Error(`no command ${name}`);
    const real = this.real.sh(line);
    let ours: Ran;
    try {
      ours = await runOurs(box, command, argv);
    } catch (e) {
      ours = { rc: -1, out: '', err: String((e as Error).stack) };
    }
    const [was, is] = [this.#norm.real(show(real)), this.#norm.ours(show(ours))];
    return was === is ? null : `${line}\n--- real\n${was}\n--- ours\n${is}\n`;
  }

  close(): void {
    for (const box of [this.real, this.ours]) {
      box.sh(NO_PROXIES);
      box.close();
    }
  }
}

/** Timers run, and groups are joined when the kernel gets round to it. */
function settled(text: string): string {
  return text
    .replace(/_timer\s+[\d.]+/g, '_timer T')
    .replace(/_lft \d+sec/g, '_lft N')
    .replace(/^.*224\.0\.0\.\d+ dev.*\n/gm, '')
    .replace(/(NO-CARRIER,|state (UP|DOWN|LOWERLAYERDOWN|UNKNOWN))/g, '');
}

/** Ages and clocks differ between any two runs; devices that get their carrier at about the same time are ready in any order. */
function show(r: Ran): string {
  const text = `${r.out}${r.err === '' ? '' : `[stderr] ${r.err}`}[exit ${r.rc}]`;
  return text
    .replace(/(?:^multicast ff00::\/8 dev .*\n)+/gm, (routes) =>
      routes.split('\n').sort().join('\n').slice(1).concat('\n'),
    )
    .replace(/(expires|valid_lft|preferred_lft) \d+sec/g, '$1 Nsec')
    .replace(/"(expires|valid_life_time|preferred_life_time)":( ?)\d+/g, '"$1":$2N')
    .replace(/used \d+(\/\d+)+/g, 'used AGES')
    .replace(/(cache.*?) age \d+sec/g, '$1')
    .replace(/,"age":\d+/g, '')
    .replace(/"(used|confirmed|updated)":( ?)\d+/g, '"$1":$20')
    .replace(/((?:gc|hello|tcn|topology_change|forward_delay|hold|message_age)_timer)\s+[\d.]+/g, '$1 T')
    .replace(/("(?:gc|hello|forward_delay)_timer":\s*)[\d.]+/g, '$1T');
}
