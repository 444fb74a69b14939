// The house, as one table: which room a source file is in, and what its number lets it import. The rules' reasons are in
// CONTRIBUTING.md; the tests beside this file read every rule from here.

/** A room imports only rooms with a lower number, or itself. Keys are the first folder (or file) under src/. */
export const rooms: Record<string, number> = {
  base: 0,
  uapi: 1,
  wire: 2,
  sim: 2,
  netlink: 2,
  net: 3,
  sched: 4,
  drivers: 4,
  inet: 4,
  probe: 4,
  rtnl: 5,
  lab: 6,
  shell: 7,
  linux: 7,
  'index.ts': 8,
  serve: 8,
  cli: 9,
};

/** Rooms that may use Node. All others run in a browser too. */
export const nodeRooms = new Set(['linux', 'serve', 'cli']);

/** Rooms whose data path is synchronous: a promise would hand the order of events to the host's loop. */
export const syncRooms = new Set(['base', 'wire', 'sim', 'net', 'sched', 'drivers', 'inet', 'rtnl']);

/** Rooms that are split into parts which must not know each other, and the few pairs that Linux itself joins. */
export const partedRooms: Record<string, Array<[from: string, to: string]>> = {
  // macvtap is macvlan with a character device on top: drivers/net/macvtap.c calls macvlan_common_newlink().
  drivers: [['macvtap', 'macvlan']],
};

/** Packages that a room may import. Everything else needs a line here and one in docs/dependencies.md. */
export const packages: Record<string, string[]> = {
  lab: ['yaml'],
  shell: ['just-bash', 'just-bash/browser'],
  linux: ['koffi'],
  cli: ['commander', 'yaml', 'uplot/dist/uPlot.iife.min.js', 'uplot/dist/uPlot.min.css'],
};

/** Where reachability starts: what the package's users and the build call. Tests are entry points too. */
export const entryPoints = ['src/index.ts', 'src/cli/main.ts'];

/** Files that no entry point reaches yet, each with the reason. The list may only shrink. */
export const notReachedYet: Record<string, string> = {};

/** Longest file, in lines. Tests are exempt. */
export const maxLines = 500;

/** Longest median of all source files. */
export const maxMedianLines = 150;

/** Files over the limit that are tables of data, or that wait to be split: the reason, and a size that may only shrink. */
export const longFiles: Record<string, { lines: number; why: string }> = {};

export interface Ban {
  what: string;
  pattern: RegExp;
  /** A file where this matches has a thing of its own by that name. */
  unless?: RegExp;
  instead: string;
}

/** What no platform-neutral file may use, and what it uses instead. Patterns see code without comments and strings. */
export const neutralBans: Ban[] = [
  { what: 'Buffer', pattern: /(?<![.\w$])Buffer\b/, instead: 'Uint8Array and DataView' },
  {
    what: 'process',
    pattern: /(?<![.\w$])process\s*(?:\.|\?\.|\[)/,
    unless: /(?<![.\w$])process\??\s*[:)=,]|\b(?:const|let)\s+process\b/,
    instead: 'an argument from cli/',
  },
  { what: '__dirname', pattern: /\b__(?:dirname|filename)\b/, instead: 'a text handed in by cli/' },
  { what: 'require()', pattern: /(?<![.\w$])require\s*\(/, instead: 'import' },
  { what: 'Date', pattern: /(?<![.\w$])Date\b(?!\s*:)/, instead: 'the clock of sim/ (or Os.wallNs)' },
  { what: 'performance', pattern: /(?<![.\w$])performance\s*\./, instead: 'the clock of sim/' },
  { what: 'Math.random', pattern: /\bMath\s*\.\s*random\b/, instead: "sim.stream('label')" },
  { what: 'crypto', pattern: /(?<![.\w$])crypto\s*\./, instead: "sim.stream('label')" },
  {
    what: 'a timer of the host',
    pattern: /(?<![.\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask|requestAnimationFrame)\b/,
    instead: 'sim.at() or a timer of sim/',
  },
  { what: 'WeakRef', pattern: /(?<![.\w$])(?:WeakRef|FinalizationRegistry)\b/, instead: 'an owner that frees' },
  { what: 'Intl', pattern: /(?<![.\w$])Intl\b/, instead: 'uapi/format or plain code: locales differ' },
  { what: 'toLocale*', pattern: /\.\s*toLocale\w*/, instead: 'plain toString, toUpperCase, toFixed' },
  { what: 'localeCompare', pattern: /\.\s*localeCompare\b/, instead: 'a < b ? -1 : a > b ? 1 : 0' },
  {
    what: '.sort() without a comparator',
    pattern: /\.\s*(?:sort|toSorted)\s*\(\s*\)/,
    instead: '.sort((a, b) => ...)',
  },
  {
    what: 'for...in',
    pattern: /\bfor\s*\(\s*(?:const|let|var)\s+[\w$]+\s+in\b/,
    instead: 'Map, or for...of Object.keys()',
  },
  { what: 'enum', pattern: /(?<![.\w$])enum\s+\w+\s*\{/, instead: 'an `as const` table' },
  { what: 'namespace', pattern: /^\s*(?:export\s+)?(?:declare\s+)?namespace\s+\w+/m, instead: 'a module' },
];

/** What the synchronous rooms may not use besides. */
export const syncBans: Ban[] = [
  {
    what: 'async',
    pattern: /(?<![.\w$])async\s*(?:function\b|\(|\*|[\w$]+\s*(?:\(|=>))/,
    instead: 'a callback or a generator',
  },
  { what: 'await', pattern: /(?<![.\w$])await\b/, instead: 'a callback or a generator' },
  { what: 'Promise', pattern: /(?<![.\w$])Promise\b/, instead: 'a callback or a generator' },
  {
    what: 'a transcendental Math function',
    pattern: /\bMath\s*\.\s*(?:log|log2|log10|log1p|exp|expm1|sin|cos|tan|atan2?|pow|cbrt|hypot)\b/,
    instead: 'integer arithmetic: engines differ in the last bit',
  },
];

/** Words that belong to the workshop, not to the product. Written in pieces so that this file does not contain them. */
export const strayWords: Array<{ what: string; pattern: RegExp }> = [
  { what: 'a path outside the repository', pattern: new RegExp(['\\.\\.', 'shared(?![\\w-])'].join('/')) },
  { what: 'a path of one machine', pattern: new RegExp(['', 'work', ''].join('/')) },
  {
    what: 'the address of a package registry',
    pattern: /https?:\/\/[^\s"'`)]*(?:registry|artifactory|nexus|verdaccio|npm-proxy|mirror)[^\s"'`)]*/i,
  },
  { what: 'a number of an issue', pattern: new RegExp(`\\bissues? ${'(?:show )?#?\\d'}`, 'i') },
];
