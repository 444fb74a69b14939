// Compiles and runs the ns-3 program beside this file, where Debian's libns3-dev is installed; says why not elsewhere.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Skip } from '../harness.ts';

declare const REPOSITORY: string;

const libraries = ['core', 'network', 'csma', 'bridge', 'internet'];

/** The program's path, compiled when it is older than its source. */
export function compileBridge16(): string {
  const source = join(REPOSITORY, 'bench/ns3/bridge16.cc');
  const folder = join(REPOSITORY, 'bench/.cache');
  const program = join(folder, 'bridge16');
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program;
  if (!existsSync('/usr/include/ns3/core-module.h')) throw new Skip('ns-3 is not installed (Debian: libns3-dev)');
  if (spawnSync('g++', ['--version']).status !== 0) throw new Skip('g++ is not installed');
  mkdirSync(folder, { recursive: true });
  // pkg-config would pull in libraries that this program does not use.
  const argv = ['-O2', '-std=c++17', '-o', program, source, ...libraries.map((name) => `-lns3-${name}`)];
  const { status, stderr } = spawnSync('g++', argv, { encoding: 'utf8' });
  if (status !== 0) throw new Skip(`bench/ns3/bridge16.cc does not compile here: ${stderr.split('\n')[0]}`);
  return program;
}

export function ns3Version(): string {
  const folder = '/usr/lib/x86_64-linux-gnu/pkgconfig';
  if (!existsSync(folder) || !readdirSync(folder).includes('ns3-core.pc')) return 'ns-3';
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'libns3-dev'], { encoding: 'utf8' });
  return stdout ? `ns-3 ${stdout.trim()} (Debian)` : 'ns-3';
}

export interface Ns3Run {
  sent: number;
  delivered: number;
  seconds: number;
  pps: number;
  events: number;
}

export function runBridge16(program: string, flows: number, packets: number): Ns3Run {
  const out = execFileSync(program, [String(flows), String(packets)], { encoding: 'utf8' });
  return JSON.parse(out) as Ns3Run;
}
