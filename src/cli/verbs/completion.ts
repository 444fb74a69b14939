// lowerdev completion: scripts for the user's own shell.

import { Usage } from '../usage.ts';

const verbs = 'run shell offload plan apply destroy completion version help';
const runOptions =
  '--machine --seed --set --pcap --trace --trace-filter --trace-count --timeline --timeline-step --json --engine --realtime --max-events --max-commands --check --help';
const offloadOptions = '--machine --seed --set --json --help';
const planOptions = '--engine --seed --json --help';
const applyOptions = '--engine --yes --seed --json --help';
const destroyOptions = '--all --engine --yes --json --help';
const shellOptions = '--machine --seed --set --realtime --max-events --help';

const bash = `# lowerdev completion for bash: source <(lowerdev completion bash)
_lowerdev() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  case $prev in
    --machine|--pcap|--timeline) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --engine) COMPREPLY=($(compgen -W "$([[ \${COMP_WORDS[1]} == run ]] && echo model || echo model linux)" -- "$cur")); return ;;
  esac
  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W '${verbs}' -- "$cur")); return; fi
  case \${COMP_WORDS[1]}:$cur in
    run:-*) COMPREPLY=($(compgen -W '${runOptions}' -- "$cur")) ;;
    offload:-*) COMPREPLY=($(compgen -W '${offloadOptions}' -- "$cur")) ;;
    plan:-*) COMPREPLY=($(compgen -W '${planOptions}' -- "$cur")) ;;
    apply:-*) COMPREPLY=($(compgen -W '${applyOptions}' -- "$cur")) ;;
    destroy:-*) COMPREPLY=($(compgen -W '${destroyOptions}' -- "$cur")) ;;
    shell:-*) COMPREPLY=($(compgen -W '${shellOptions}' -- "$cur")) ;;
    completion:*) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _lowerdev lowerdev
`;

const zsh = `#compdef lowerdev
# lowerdev completion for zsh: source <(lowerdev completion zsh)
_lowerdev() {
  if (( CURRENT == 2 )); then compadd ${verbs}; return; fi
  case $words[2] in
    run) [[ $PREFIX == -* ]] && compadd -- ${runOptions} || _files ;;
    offload) [[ $PREFIX == -* ]] && compadd -- ${offloadOptions} || _files ;;
    plan) [[ $PREFIX == -* ]] && compadd -- ${planOptions} || _files ;;
    apply) [[ $PREFIX == -* ]] && compadd -- ${applyOptions} || _files ;;
    destroy) [[ $PREFIX == -* ]] && compadd -- ${destroyOptions} || _files ;;
    shell) [[ $PREFIX == -* ]] && compadd -- ${shellOptions} || _files ;;
    completion) compadd bash zsh fish ;;
  esac
}
compdef _lowerdev lowerdev
`;

const fish = `# lowerdev completion for fish: lowerdev completion fish | source
complete -c lowerdev -n __fish_use_subcommand -f -a '${verbs}'
complete -c lowerdev -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'
${fishOptions('run', runOptions)}
${fishOptions('offload', offloadOptions)}
${fishOptions('plan', planOptions)}
${fishOptions('apply', applyOptions)}
${fishOptions('destroy', destroyOptions)}
${fishOptions('shell', shellOptions)}
`;

function fishOptions(verb: string, options: string): string {
  return options
    .split(' ')
    .map((option) => `complete -c lowerdev -n '__fish_seen_subcommand_from ${verb}' -l ${option.slice(2)}`)
    .join('\n');
}

export function completion(name: string): number {
  const script = new Map([
    ['bash', bash],
    ['zsh', zsh],
    ['fish', fish],
  ]).get(name);
  if (script === undefined) throw new Usage(`no completion for '${name}'; there is one for bash, zsh and fish`);
  process.stdout.write(script);
  return 0;
}
