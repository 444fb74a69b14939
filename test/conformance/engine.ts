// Runs one scenario on an engine and gathers what it answered: `lowerdev run` in a process of its own, or the real kernel
// (as root, in namespaces of its own, so that nothing of this machine is touched).

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Actual } from './compare.ts';
import { instrument, segment } from './instrument.ts';
import { parseProbe } from './parse.ts';

export interface Engine {
  name: string;
  argv: (file: string) => string[];
  /** Keep stdout and stderr apart, with the markers in both. */
  split: boolean;
  timeoutMs: number;
}

/** Scenarios say sudo, as people do; a machine without it gets one that does nothing. */
const sudo =
  'command -v sudo >/dev/null || { printf \'#!/bin/sh\\nexec "$@"\\n\' > sudo; chmod +x sudo; PATH=$PATH:$PWD; }; ';

const sandbox =
  sudo +
  'mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && ip link set lo up && exec sh "$0"';

export function realKernel(): Engine {
  const unshare = 'unshare --net --mount --pid --fork --mount-proc --kill-child'.split(' ');
  return {
    name: 'the real kernel',
    argv: (file) => [...unshare, 'sh', '-c', sandbox, file],
    split: true,
    timeoutMs: 180_000,
  };
}

export function lowerdev(command: string[], split: boolean, timeoutMs: number): Engine {
  return { name: command.join(' '), argv: (file) => [...command, file], split, timeoutMs };
}

export interface Run extends Actual {
  exit: number | null;
  ms: number;
  raw: Map<string, string>;
}

export async function runScenario(scenario: string, engine: Engine): Promise<Run> {
  const { script, probes } = instrument(readFileSync(scenario, 'utf8'), engine.split);
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const file = join(folder, basename(scenario));
    writeFileSync(file, script);
    const { out, err, exit, timedOut, ms } = await capture(engine, file, folder);
    const stdout = segment(out);
    const stderr = engine.split ? segment(err) : null;
    const seen = new Map<number, number>();
    const raw = new Map<string, string>();
    const answered = stdout.segments.map(({ line, rc, body }, i) => {
      const occurrence = (seen.get(line) ?? 0) + 1;
      seen.set(line, occurrence);
      const probe = probes.get(line) ?? { line, kind: 'text' as const, cmd: '?' };
      const other = stderr === null ? null : stderr.segments[i]?.line === line ? stderr.segments[i].body : '';
      const id = `${line}.${occurrence}`;
      raw.set(id, body + (other ? `[stderr] ${other}` : ''));
      return { id, cmd: probe.cmd, result: parseProbe(probe.kind, body, other, rc) };
    });
    return { timedOut, stray: stdout.stray + (stderr?.stray ?? ''), probes: answered, exit, ms, raw };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Captured {
  out: string;
  err: string;
  exit: number | null;
  timedOut: boolean;
  ms: number;
}

/** Both streams into one file, opened for appending, keep the order in which they were written, as a terminal would. */
async function capture(engine: Engine, file: string, folder: string): Promise<Captured> {
  const [command, ...args] = engine.argv(file);
  const outFile = join(folder, 'out');
  const errFile = join(folder, 'err');
  const out = openSync(outFile, 'a');
  const err = engine.split ? openSync(errFile, 'a') : out;
  const started = process.hrtime.bigint();
  const env = { ...process.env, LC_ALL: 'C', PATH: `/usr/sbin:/sbin:/usr/bin:/bin:${process.env.PATH ?? ''}` };
  const child = spawn(command, args, { stdio: ['ignore', out, err], env, cwd: folder });
  const { exit, timedOut } = await ended(child, engine.timeoutMs);
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  closeSync(out);
  if (engine.split) closeSync(err);
  return {
    out: readFileSync(outFile, 'utf8'),
    err: engine.split ? readFileSync(errFile, 'utf8') : '',
    exit,
    timedOut,
    ms,
  };
}

function ended(child: ChildProcess, timeoutMs: number): Promise<{ exit: number | null; timedOut: boolean }> {
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (exit) => {
      clearTimeout(timer);
      resolve({ exit, timedOut });
    });
  });
}
