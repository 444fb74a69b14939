// The program around a session: the terminal, the wall clock and Ctrl-C. Virtual time is paced here, and only here.

import type { Terminal } from '../shell/computer.ts';
import type { Host } from '../shell/scheduler.ts';
import type { Session } from '../shell/session.ts';

/** How long we compute before signals and output get their turn. */
const turnMs = 25;
/** Longest single wait under --realtime, so that Ctrl-C works within it. */
const napMs = 20;
/** At the prompt, an input that has printed this often goes on in real time: `ping` can be read, and stopped. */
const freeWrites = 50;

export class NodeHost implements Host {
  private lastTurn = performance.now();
  private readonly realtime: boolean;
  private readonly patient: boolean;
  private startMs = performance.now();
  private startNs = 0;
  private writes = 0;

  /** `patient`: somebody is there to press Ctrl-C when nothing happens any more. */
  constructor(realtime: boolean, patient: boolean) {
    this.realtime = realtime;
    this.patient = patient;
  }

  breathe(): Promise<void> | null {
    if (performance.now() - this.lastTurn < turnMs) return null;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.lastTurn = performance.now();
        resolve();
      });
    });
  }

  /** An input begins; the clock stood still at the prompt. */
  begin(nowNs: number): void {
    this.startMs = performance.now();
    this.startNs = nowNs;
    this.writes = 0;
  }

  /** The input printed something. */
  wrote(nowNs: number): void {
    if (++this.writes !== freeWrites || this.realtime) return;
    this.startMs = performance.now();
    this.startNs = nowNs;
  }

  pace(ns: number): Promise<void> | null {
    if (!this.realtime && this.writes < freeWrites) return null;
    const leftMs = (ns - this.startNs) / 1e6 - (performance.now() - this.startMs);
    return leftMs < 1 ? null : nap(Math.min(leftMs, napMs));
  }

  idle(): Promise<void> | null {
    return this.patient ? nap(napMs) : null;
  }
}

function nap(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The user's terminal, or whatever our output was redirected to. */
export const stdio: Terminal = {
  isTty: process.stdout.isTTY === true,
  columns: process.stdout.columns ?? 80,
  write(stream, text) {
    (stream === 'out' ? process.stdout : process.stderr).write(text);
  },
  writeBytes(stream, bytes) {
    (stream === 'out' ? process.stdout : process.stderr).write(Buffer.from(bytes, 'latin1'));
  },
};

/** Keeps everything (`--json`). */
export class Quiet implements Terminal {
  readonly isTty = false;
  readonly columns = 80;
  stdout = '';
  stderr = '';

  write(stream: 'out' | 'err', text: string): void {
    if (stream === 'out') this.stdout += text;
    else this.stderr += text;
  }
}

/** Ctrl-C ends the script; pressed again, it ends everything. Returns what undoes it. */
export function onInterrupt(session: Session): () => void {
  let asked = false;
  const interrupt = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(signal === 'SIGTERM' ? 143 : 130);
    asked = true;
    session.interrupt(signal === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  };
}
