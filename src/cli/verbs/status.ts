// lowerdev status: one reading, two with rates, or a view that follows changes.
// Exit codes: 0 shown, 2 bad input, 3 the lab is refused, 4 not allowed.

import type { Snapshot } from '../../lab/snapshot/snapshot.ts';
import { type Before, type Status, statusOf } from '../../lab/status/rows.ts';
import { statusText } from '../../lab/status/status-text.ts';
import { answering } from '../lab-change.ts';
import { type Look, type LookOptions, looking } from '../look.ts';
import { Usage } from '../usage.ts';

export interface StatusOptions extends LookOptions {
  watch?: boolean;
  interval?: string;
  json?: boolean;
}

export function status(options: StatusOptions): Promise<number> {
  const seconds = options.interval === undefined ? null : secondsOf(options.interval);
  return answering(options, () => looking(options, (look) => tell(look, seconds, options)));
}

async function tell(look: Look, seconds: number | null, options: StatusOptions): Promise<number> {
  if (options.watch === true && options.engine === 'model')
    throw new Usage('a model does not change by itself: no --watch');
  if (options.watch === true) {
    const { watch } = await import('./status-watch.ts');
    return await watch(look, seconds ?? 1, options.json === true);
  }
  show(await readTwice(look, seconds), options.json === true);
  return 0;
}

/** With rates when the readings shall be that far apart. */
async function readTwice(look: Look, seconds: number | null): Promise<Status> {
  const first = look.read();
  if (seconds === null) return statusOf(first);
  if (look.kernel === null) throw new Usage('a snapshot is one reading: no --interval');
  const { kernel } = look;
  const then = kernel.nowNs();
  await kernel.pause(seconds * 1e9);
  return statusOf(look.read(), before(first, kernel.nowNs() - then));
}

function before(snapshot: Snapshot, ns: number): Before {
  return { snapshot, seconds: ns / 1e9 };
}

function show(status: Status, json: boolean): void {
  const width = process.stdout.isTTY ? (process.stdout.columns ?? 80) : null;
  process.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status, width));
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 3600)) throw new Usage(`--interval wants seconds, 0.1 to 3600, not '${text}'`);
  return seconds;
}
