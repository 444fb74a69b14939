// Tab in the shell: names of commands first, then words of ip, devices, namespaces and files.

import type { Session } from '../shell/session.ts';

const ipObjects = ['address', 'link', 'route', 'neigh', 'netns', 'monitor', 'rule'];
const ipVerbs = ['add', 'del', 'show', 'set', 'flush', 'replace', 'exec', 'list'];

/** Node's readline completer: the candidates, and the word that they replace. */
export function complete(session: Session, line: string): [string[], string] {
  const start =
    Math.max(line.lastIndexOf(' '), line.lastIndexOf('|'), line.lastIndexOf(';'), line.lastIndexOf('&')) + 1;
  const word = line.slice(start);
  const before = line.slice(0, start).trim();
  const hits = [...new Set(candidates(session, before, word))].filter((c) => c.startsWith(word));
  hits.sort((a, b) => (a < b ? -1 : 1));
  return [hits.map((hit) => (hit.endsWith('/') ? hit : `${hit} `)), word];
}

function candidates(session: Session, before: string, word: string): string[] {
  const { computer, shell } = session;
  const { os } = computer;
  if (word.includes('/')) return paths(session, word);
  const words = before.split(/\s+/);
  const last = words.at(-1) ?? '';
  if (before === '' || /[|;&]$/.test(before) || last === 'sudo' || words.at(-2) === 'exec') {
    return [...shell.ctx.commands.keys(), ...shell.state.functions.keys()];
  }
  const devices = (): string[] => {
    const list = os.listDir(shell.process.ns, '/sys/class/net');
    return typeof list === 'number' ? [] : list;
  };
  if (last === '-n' || last === 'netns' || last === 'exec' || last === '-netns')
    return ['add', 'del', 'exec', 'list', ...os.nsNames()];
  if (last === 'dev' || last === 'link' || last === '-i' || last === '-I' || words[0] === 'ethtool')
    return [...devices(), ...ipVerbs];
  if (last === 'ip') return ipObjects;
  if (words[0] === 'ip' || words[0] === 'bridge' || words[0] === 'ifconfig' || words[0] === 'tcpdump') {
    return [...ipVerbs, ...devices(), ...os.nsNames()];
  }
  return paths(session, word);
}

function paths(session: Session, word: string): string[] {
  const { files, state } = session.shell;
  const cut = word.lastIndexOf('/') + 1;
  const dir = word.slice(0, cut);
  const base = dir === '' ? state.cwd : dir.startsWith('/') ? dir : `${state.cwd}/${dir}`;
  const names = files.list(base);
  if (typeof names === 'number') return [];
  return names.map((name) => {
    const stat = files.stat(`${base}/${name}`);
    return `${dir}${name}${typeof stat !== 'number' && stat.kind === 'dir' ? '/' : ''}`;
  });
}
