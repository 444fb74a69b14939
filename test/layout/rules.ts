// The layout rules as pure functions: files in, complaints out. Nothing here reads a disk; the tests feed it the
// repository, and small made-up files that must be caught.

import * as table from './rooms.ts';
import { resolveImport, type SourceFile } from './source.ts';

export const isTest = (path: string): boolean => /\.(?:test|arm|bench)\.ts$/.test(path) || path.startsWith('test/');

/** The room of a file under src/, or null. */
export function roomOf(path: string): string | null {
  const match = /^src\/([^/]+)/.exec(path);
  return match === null ? null : match[1];
}

/** The part of a parted room: the folder (or file) below it. */
function partOf(path: string): string {
  return (path.split('/')[2] ?? '').replace(/\.ts$/, '');
}

export function importComplaints(files: SourceFile[]): string[] {
  const out: string[] = [];
  for (const file of files) {
    const room = roomOf(file.path);
    if (room === null) continue;
    const floor = table.rooms[room];
    if (floor === undefined) {
      out.push(`${file.path}: no room "${room}" in test/layout/rooms.ts`);
      continue;
    }
    for (const { specifier, line } of file.imports) {
      const complaint = importComplaint(file.path, room, floor, specifier);
      if (complaint !== null) out.push(`${file.path}:${line}: ${complaint}`);
    }
  }
  return out;
}

function importComplaint(path: string, room: string, floor: number, specifier: string): string | null {
  const test = isTest(path);
  const target = resolveImport(path, specifier);
  if (target === null) return test ? null : packageComplaint(room, specifier);
  // A page that the program writes has parts that are text to the program: `*.view.js`, `*.view.css`.
  if (!/\.(?:ts|json|view\.js|view\.css)$/.test(target)) return `"${specifier}" must end in .ts`;
  const to = roomOf(target);
  if (to === null) return test ? null : `"${specifier}" leaves src/`;
  if (to === room) return partComplaint(path, target, room, test);
  const toFloor = table.rooms[to];
  if (toFloor === undefined) return `"${specifier}" is in no room of test/layout/rooms.ts`;
  if (toFloor < floor || (test && toFloor === floor)) return null;
  return toFloor === floor
    ? `${room} and ${to} are both on floor ${floor} and never see each other; the core grows a door`
    : `${room} (${floor}) must not import ${to} (${toFloor}): imports go down only`;
}

function packageComplaint(room: string, specifier: string): string | null {
  if (specifier.startsWith('node:')) {
    return table.nodeRooms.has(room)
      ? null
      : `"${specifier}" in ${room}, which also runs in a browser; hand it in from cli/`;
  }
  if ((table.packages[room] ?? []).includes(specifier)) return null;
  return `package "${specifier}" is not in the list of ${room}; see \`packages\` in test/layout/rooms.ts`;
}

function partComplaint(path: string, target: string, room: string, test: boolean): string | null {
  const allowed = table.partedRooms[room];
  if (allowed === undefined || test) return null;
  const from = partOf(path);
  const to = partOf(target);
  // Files that lie in the room itself are its catalogue and common ground.
  if (from === to || path.split('/').length === 3 || target.split('/').length === 3) return null;
  if (allowed.some(([a, b]) => a === from && b === to)) return null;
  return `${room}/${from} must not import ${room}/${to}: they meet through device operations`;
}

export function banComplaints(files: SourceFile[]): string[] {
  const out: string[] = [];
  for (const file of files) {
    const room = roomOf(file.path);
    if (room === null || isTest(file.path) || table.nodeRooms.has(room)) continue;
    const bans = table.syncRooms.has(room) ? [...table.neutralBans, ...table.syncBans] : table.neutralBans;
    for (const ban of bans) {
      const match = ban.pattern.exec(file.code);
      if (match === null || ban.unless?.test(file.code)) continue;
      const line = file.code.slice(0, match.index + match[0].search(/\S/)).split('\n').length;
      out.push(`${file.path}:${line}: ${ban.what} is not for ${room}; use ${ban.instead}`);
    }
  }
  return out;
}

export function headerComplaints(files: SourceFile[]): string[] {
  return files
    .filter(
      (file) => !isTest(file.path) && !/^(?:#![^\n]*\n)?\s*(?:\/\/[^\n]{20,}|\/\*\*?[\s\S]{20,}?\*\/)/.test(file.text),
    )
    .map((file) => `${file.path}:1: begin with a comment: what it is, what it is not, where it is in Linux`);
}

export function sizeComplaints(files: SourceFile[], long = table.longFiles): string[] {
  const out: string[] = [];
  const sizes = new Map(files.filter((file) => !isTest(file.path)).map((file) => [file.path, file.lines]));
  for (const [path, lines] of sizes) {
    const entry = long[path];
    if (entry === undefined && lines > table.maxLines) {
      out.push(`${path}: ${lines} lines, at most ${table.maxLines}: split it, or say why in \`longFiles\``);
    } else if (entry !== undefined && lines > entry.lines) {
      out.push(`${path}: ${lines} lines, and it was ${entry.lines}: the list only shrinks`);
    }
  }
  for (const path of Object.keys(long)) {
    if ((sizes.get(path) ?? 0) <= table.maxLines) out.push(`${path}: no longer long: take it off \`longFiles\``);
  }
  return out;
}

export function deadComplaints(files: SourceFile[], excused = table.notReachedYet): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const queue = files.map((file) => file.path).filter((path) => isTest(path) || !path.startsWith('src/'));
  queue.push(...table.entryPoints);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) continue;
    seen.add(path);
    for (const { specifier } of file.imports) {
      const target = resolveImport(path, specifier);
      if (target !== null) queue.push(target);
    }
  }
  const out = files
    .filter((file) => !file.path.endsWith('.d.ts') && !seen.has(file.path) && excused[file.path] === undefined)
    .map((file) => `${file.path}: nothing reaches it from an entry point or a test: use it or remove it`);
  for (const path of Object.keys(excused)) {
    if (seen.has(path) || !byPath.has(path)) out.push(`${path}: no longer needs its line in \`notReachedYet\``);
  }
  return out;
}

export function strayComplaints(path: string, text: string): string[] {
  const out: string[] = [];
  for (const { what, pattern } of table.strayWords) {
    const match = pattern.exec(text);
    if (match === null) continue;
    out.push(`${path}:${text.slice(0, match.index).split('\n').length}: ${what}: ${match[0]}`);
  }
  return out;
}
