// The command line as a process that kills itself with SIGKILL before or after its n-th call of the kernel that changes something,
// or that waits to be killed. It has loaded everything when it waits for its order on standard input: {argv, kill, before}.
// kill 0: never; it says then how many such calls there were.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { openSys, Sys } from '../../../src/linux/sys.ts';

interface Order {
  argv: string[];
  kill: number;
  before: boolean;
}

let calls = 0;
let order: Order = { argv: [], kill: 0, before: true };

function counted<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => R {
  return function (this: unknown, ...args: A): R {
    const last = ++calls === order.kill;
    if (last && order.before) process.kill(process.pid, 'SIGKILL');
    const result = call.apply(this, args);
    if (last) process.kill(process.pid, 'SIGKILL');
    return result;
  };
}

await openSys();
process.stderr.write('ready\n');
const buffer = new Uint8Array(4096);
const n = fs.readSync(0, buffer);
if (n === 0) process.exit(0);
order = JSON.parse(new TextDecoder().decode(buffer.subarray(0, n)));

const sys = Sys.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const name of ['send', 'mount', 'umount', 'unshare']) sys[name] = counted(sys[name]);
const files = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
for (const name of ['openSync', 'writeFileSync', 'renameSync', 'rmSync', 'mkdirSync', 'rmdirSync']) {
  files[name] = counted(files[name]);
}
syncBuiltinESMExports();
process.argv = [process.argv[0], 'lowerdev', ...order.argv];
if (order.kill === 0) process.on('exit', () => process.stderr.write(`calls ${calls}\n`));
await import('../../../src/cli/main.ts');
