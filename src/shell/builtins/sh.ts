// sh and bash: a new shell, for `-c TEXT`, for a file, or for what comes on standard input.

import { wordTable } from '../../base/word-table.ts';
import { toText } from '../engine/bytes.ts';
import type { Shell } from '../shell.ts';
import { newShell, parseOrComplain, setArguments } from '../spawn.ts';
import { absolute } from '../tree.ts';

const letters = wordTable<string>({
  e: 'errexit',
  u: 'nounset',
  x: 'xtrace',
  v: 'verbose',
  f: 'noglob',
  n: 'noexec',
  a: 'allexport',
  C: 'noclobber',
});

export function sh(shell: Shell, args: string[]): Promise<number> {
  return start(shell, args, 'sh');
}

export function bash(shell: Shell, args: string[]): Promise<number> {
  return start(shell, args, 'bash');
}

async function start(shell: Shell, args: string[], called: string): Promise<number> {
  let at = 0;
  let command = false;
  let stdin = false;
  const options: string[] = [];
  for (; at < args.length && /^[-+]./.test(args[at]); at++) {
    const arg = args[at];
    if (arg === '--') {
      at++;
      break;
    }
    if (arg === '-o' || arg === '+o') options.push(args[++at] ?? '');
    else if (arg.startsWith('--')) {
      if (arg === '--version') shell.out('GNU bash, version 5.2 (the model: just-bash inside lowerdev)\n');
      if (arg === '--version') return 0;
    } else {
      for (const letter of arg.slice(1)) {
        if (letter === 'c') command = true;
        else if (letter === 's') stdin = true;
        else if (letters[letter] !== undefined) options.push(letters[letter]);
        else if (!'lipEh'.includes(letter)) {
          shell.err(`${called}: -${letter}: invalid option\n`);
          return 2;
        }
      }
    }
  }
  const rest = args.slice(at);
  if (command && rest.length === 0) {
    shell.err(`${called}: -c: option requires an argument\n`);
    return 2;
  }
  const child = newShell(shell, { name: called, process: shell.isAlone() ? shell.process : undefined });
  child.posixName = called === 'sh';
  for (const option of options) child.state.options[option] = true;
  let text: string;
  if (command) {
    text = rest[0];
    setArguments(child.state, rest[1] ?? called, rest.slice(2));
    if (rest.length > 1) child.name = rest[1];
  } else if (stdin || rest.length === 0) {
    if (shell.computer.interactive && child.state.groupStdin === undefined) {
      shell.computer.endProcess(child.process);
      shell.err(`${called}: a prompt below the prompt is not in the model yet; ${called} -c 'COMMAND' is\n`);
      return 1;
    }
    text = toText(child.state.groupStdin ?? '');
    child.state.groupStdin = undefined;
    if (shell.state.groupStdin !== undefined) shell.state.groupStdin = '';
    setArguments(child.state, called, rest);
  } else {
    const bytes = shell.files.read(absolute(shell.state.cwd, rest[0]));
    if (typeof bytes === 'number') {
      shell.computer.endProcess(child.process);
      shell.err(
        called === 'sh'
          ? `sh: 0: cannot open ${rest[0]}: No such file\n`
          : `bash: ${rest[0]}: No such file or directory\n`,
      );
      return called === 'sh' ? 2 : 127;
    }
    text = toText(bytes);
    child.name = rest[0];
    setArguments(child.state, rest[0], rest.slice(1));
  }
  const script = parseOrComplain(child, text, 1);
  if (script === null) {
    shell.computer.endProcess(child.process);
    return 2;
  }
  const code = await child.run(script);
  if (shell.state.groupStdin !== undefined && child.state.groupStdin !== undefined)
    shell.state.groupStdin = child.state.groupStdin;
  return code;
}
