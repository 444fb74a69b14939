// lowerdev completion: scripts for the user's own shell, written from the verbs and options that there are.

import type { Command, Option } from 'commander';
import { Usage } from '../usage.ts';

interface Verb {
  readonly name: string;
  readonly options: readonly string[];
  /** What an option's value can be: the words, or null for a file. Options with any other value are not here. */
  readonly values: ReadonlyMap<string, readonly string[] | null>;
}

const SHELLS = ['bash', 'zsh', 'fish'];
const FILE = /<(file|lab|script)>/;

export function completion(name: string, program: Command): number {
  const verbs = verbsOf(program);
  if (name === 'bash') process.stdout.write(bash(verbs));
  else if (name === 'zsh') process.stdout.write(zsh(verbs));
  else if (name === 'fish') process.stdout.write(fish(verbs));
  else throw new Usage(`no completion for '${name}'; there is one for bash, zsh and fish`);
  return 0;
}

function verbsOf(program: Command): Verb[] {
  const verbs = program.commands.map((command) => ({
    name: command.name(),
    options: [...command.options.map((o) => o.long ?? ''), '--help'],
    values: new Map(command.options.flatMap(choicesOf)),
  }));
  return [...verbs, { name: 'help', options: [], values: new Map() }];
}

function choicesOf(option: Option): Array<[string, readonly string[] | null]> {
  const long = option.long ?? '';
  if (option.argChoices !== undefined) return [[long, option.argChoices]];
  return FILE.test(option.flags) ? [[long, null]] : [];
}

function bash(verbs: readonly Verb[]): string {
  const values = verbs.flatMap((verb) =>
    [...verb.values].map(
      ([option, words]) =>
        `    ${verb.name}:${option}) ${words === null ? '_lowerdev_files' : `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`}; return ;;`,
    ),
  );
  const options = verbs.map(
    ({ name, options }) => `    ${name}:-*) COMPREPLY=($(compgen -W '${options.join(' ')}' -- "$cur")) ;;`,
  );
  return `# lowerdev completion for bash: source <(lowerdev completion bash)
_lowerdev_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}
_lowerdev() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W '${names(verbs)} --help --version' -- "$cur")); return; fi
  case \${COMP_WORDS[1]}:$prev in
${values.join('\n')}
  esac
  case \${COMP_WORDS[1]}:$cur in
${options.join('\n')}
    completion:*) COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$cur")) ;;
    help:*) COMPREPLY=($(compgen -W '${names(verbs)}' -- "$cur")) ;;
    *) _lowerdev_files ;;
  esac
}
complete -F _lowerdev lowerdev
`;
}

function zsh(verbs: readonly Verb[]): string {
  const values = verbs.flatMap((verb) =>
    [...verb.values].map(
      ([option, words]) =>
        `    ${verb.name}:${option}) ${words === null ? '_files' : `compadd ${words.join(' ')}`}; return ;;`,
    ),
  );
  const options = verbs.map(
    ({ name, options }) => `    ${name}) [[ $PREFIX == -* ]] && compadd -- ${options.join(' ')} || _files ;;`,
  );
  return `#compdef lowerdev
# lowerdev completion for zsh: source <(lowerdev completion zsh)
_lowerdev() {
  if (( CURRENT == 2 )); then compadd ${names(verbs)}; return; fi
  if [[ $words[2] == completion ]]; then compadd ${SHELLS.join(' ')}; return; fi
  if [[ $words[2] == help ]]; then compadd ${names(verbs)}; return; fi
  case $words[2]:$words[CURRENT-1] in
${values.join('\n')}
  esac
  case $words[2] in
${options.join('\n')}
  esac
}
compdef _lowerdev lowerdev
`;
}

function fish(verbs: readonly Verb[]): string {
  const options = verbs.flatMap((verb) =>
    verb.options.map((option) => {
      const words = verb.values.get(option);
      const value = words === undefined ? '' : words === null ? ' -r -F' : ` -x -a '${words.join(' ')}'`;
      return `complete -c lowerdev -n '__fish_seen_subcommand_from ${verb.name}' -l ${option.slice(2)}${value}`;
    }),
  );
  return `# lowerdev completion for fish: lowerdev completion fish | source
complete -c lowerdev -n __fish_use_subcommand -f -a '${names(verbs)}'
complete -c lowerdev -n '__fish_seen_subcommand_from completion' -f -a '${SHELLS.join(' ')}'
complete -c lowerdev -n '__fish_seen_subcommand_from help' -f -a '${names(verbs)}'
${options.join('\n')}
`;
}

function names(verbs: readonly Verb[]): string {
  return verbs.map((v) => v.name).join(' ');
}
