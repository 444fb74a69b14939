// Runs a script with --engine sandbox, sends a signal to lowerdev (or to its whole process group, as a terminal does) once the
// script has begun, and prints how it ended. Arguments: the command line's file, the signal, 'process' or 'group'.

import { spawn } from 'node:child_process';

const [, , main, signal, to] = process.argv;
const script = 'trap "echo trapped; exit 9" TERM; sleep 1000 & echo go; wait';
const stdio = ['pipe', 'pipe', 'inherit'];
const child = spawn(process.execPath, [main, 'run', '--engine', 'sandbox', '-'], { detached: true, stdio });
child.stdin.end(script);
let out = '';
child.stdout.on('data', (text) => {
  out += text;
  if (out === 'go\n') process.kill(to === 'group' ? -child.pid : child.pid, signal);
});
child.on('close', (code, by) => console.log(signal, to, out.trim().split('\n').join(' '), code ?? by));
