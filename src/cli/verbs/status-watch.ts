// lowerdev status --watch: reads again when the kernel tells of a change, and once an interval for what it does not tell of
// (counters, new namespaces). A terminal gets a table that stays in place, anything else one line a change.

import type { Snapshot } from '../../lab/snapshot/snapshot.ts';
import { changesBetween, changeText } from '../../lab/status/changes.ts';
import { Listeners } from '../../lab/status/listeners.ts';
import { type Status, statusOf } from '../../lab/status/rows.ts';
import { statusText } from '../../lab/status/status-text.ts';
import type { Look } from '../look.ts';
import { Usage } from '../usage.ts';

/** Changes come in swarms: this long after the first, all are read at once. */
const SWARM_MS = 50;
/** On a machine with very many devices: between readings, this many times what one takes. */
const REST = 3;
const HOME_AND_CLEAR = '\x1b[H\x1b[J';
const CLEAR_ALL = '\x1b[2J';

/** Until Ctrl-C, SIGTERM or a reader that has gone. Exit code 0. */
export async function watch(look: Look, seconds: number, json: boolean): Promise<number> {
  const { kernel } = look;
  if (kernel === null) throw new Usage('a snapshot is one moment: nothing to watch');
  const wake = new Wake();
  const listeners = new Listeners(kernel, () => wake.soon(SWARM_MS));
  const stop = (): void => wake.end();
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const screen = process.stdout.isTTY === true && !json;
  let last: Status | null = null;
  let base: { snapshot: Snapshot; at: number } | null = null;
  try {
    if (screen) process.stdout.write(CLEAR_ALL);
    while (!wake.ended) {
      listeners.follow();
      const at = kernel.nowNs();
      const snapshot = look.read();
      const next = statusOf(
        snapshot,
        base === null ? null : { snapshot: base.snapshot, seconds: (at - base.at) / 1e9 },
      );
      if (screen) draw(next);
      else tell(last, next, json);
      last = next;
      if (base === null || at - base.at >= seconds * 0.9e9) base = { snapshot, at };
      await wake.within(Math.max(seconds * 1000, (REST * (kernel.nowNs() - at)) / 1e6));
    }
    return 0;
  } finally {
    listeners.close();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function draw(status: Status): void {
  const rows = (process.stdout.rows ?? 24) - 1;
  const all = statusText(status, process.stdout.columns ?? 80).split('\n');
  const shown = all.length <= rows ? all : [...all.slice(0, rows - 1), `... ${all.length - rows} more lines`];
  process.stdout.write(`${HOME_AND_CLEAR}${shown.join('\n')}`);
}

function tell(before: Status | null, after: Status, json: boolean): void {
  for (const change of changesBetween(before, after)) {
    const line = json ? JSON.stringify({ time: after.taken, ...change }) : `${after.taken} ${changeText(change)}`;
    process.stdout.write(`${line}\n`);
  }
}

/** A sleep that a change or a signal ends. */
class Wake {
  ended = false;
  #resolve: (() => void) | null = null;
  #soon: NodeJS.Timeout | null = null;

  soon(ms: number): void {
    this.#soon ??= setTimeout(() => this.#now(), ms);
  }

  end(): void {
    this.ended = true;
    this.#now();
  }

  async within(ms: number): Promise<void> {
    if (this.ended) return;
    const timer = setTimeout(() => this.#now(), ms);
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
    });
    clearTimeout(timer);
  }

  #now(): void {
    if (this.#soon !== null) clearTimeout(this.#soon);
    this.#soon = null;
    this.#resolve?.();
    this.#resolve = null;
  }
}
