// The shell's own messages: who says them, and the words where the interpreter's differ from bash's.

/** Builtins: their messages begin with the script's name and line. */
export const shellBuiltins: ReadonlySet<string> = new Set([
  'alias',
  'break',
  'builtin',
  'cd',
  'command',
  'continue',
  'declare',
  'dirs',
  'echo',
  'exit',
  'export',
  'false',
  'getopts',
  'hash',
  'help',
  'let',
  'local',
  'mapfile',
  'popd',
  'printf',
  'pushd',
  'pwd',
  'read',
  'readarray',
  'readonly',
  'return',
  'set',
  'shift',
  'shopt',
  'test',
  '[',
  'true',
  'type',
  'typeset',
  'unalias',
  'unset',
]);

/** Puts `where` before the interpreter's messages, which begin with `bash: ` or with the builtin's name. */
export function locate(text: string, name: string, where: string, dash: boolean): string {
  const builtin = shellBuiltins.has(name);
  return text.replace(/^.*\n?/gm, (line) => {
    if (line === '') return line;
    if (line.startsWith('bash: ')) return where + word(line.slice(6), dash);
    return builtin && line.startsWith(`${name}: `) && !line.includes(': usage: ') ? where + line : line;
  });
}

function word(message: string, dash: boolean): string {
  const plain = message
    .replace(/: command not available in browser.*$/m, ': command not found')
    .replace(/ exceeded, increase executionLimits\.\w+/, ' exceeded');
  return dash ? plain.replace(/: command not found$/m, ': not found') : plain;
}

/** What a builtin says, given its words: bash is silent where the interpreter is not, and the other way round. */
export function builtinMessage(name: string, args: readonly string[], exitCode: number, text: string): string {
  if (name === 'shift' || (name === 'unset' && text.includes('not a valid identifier'))) return '';
  if ((name === '[' || name === 'test') && exitCode === 2 && text === '') {
    const at = args.findIndex((arg) => /^-(?:eq|ne|lt|le|gt|ge)$/.test(arg));
    const bad =
      at < 0
        ? undefined
        : [args[at - 1], args[at + 1]].find((arg) => arg !== undefined && !/^\s*[-+]?\d+\s*$/.test(arg));
    return bad === undefined ? '' : `bash: ${name}: ${bad}: integer expression expected\n`;
  }
  return name === '[' ? text.replace(/^test: /gm, '[: ') : text;
}

/** What `time` reports, by TIMEFORMAT when there is one. No process uses processor time here. */
export function timeReport(ns: number, posix: boolean, format: string | undefined): string {
  const seconds = ns / 1e9;
  if (posix) return `real ${seconds.toFixed(2)}\nuser 0.00\nsys 0.00\n`;
  const shown = format ?? '\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS';
  if (shown === '') return '';
  const text = shown.replace(/%(?:%|P|(\d?)(l?)([RUS]))/g, (all, digits: string, long: string, what: string) => {
    if (all === '%%') return '%';
    if (all === '%P') return '0.00';
    const value = what === 'R' ? seconds : 0;
    const places = digits === '' ? 3 : Number(digits);
    const minutes = Math.floor(value / 60);
    return long === '' ? value.toFixed(places) : `${minutes}m${(value - minutes * 60).toFixed(places)}s`;
  });
  return `${text}\n`;
}
