// A session from outside: commands that wait, signals, Ctrl-C, records, budgets, and what a script cannot reach.

import { describe, expect, test } from 'vitest';
import type { Command, Readable } from './process.ts';
import { fakeKernel } from './testing/fake-os.ts';
import { runText } from './testing/run.ts';

/** Prints a line each second until SIGINT, then how many: ping's shape. */
const ticker: Command = {
  name: 'ticker',
  summary: 'ticks',
  async run(proc) {
    proc.handleSignals(['SIGINT']);
    const limit = Number(proc.argv[0] ?? 1e9);
    let n = 0;
    while (proc.takeSignal() === null && n < limit) {
      proc.out(`tick ${++n} at ${proc.os.nowNs() / 1e9}\n`);
      if (n < limit) await proc.sleep(1e9);
    }
    proc.out(`${n} ticks\n`);
    return 0;
  },
};

/** Waits for one of two things; the second is signalled at 0.3 s. */
const waiter: Command = {
  name: 'waiter',
  summary: 'waits',
  async run(proc) {
    const objs: Readable[] = [{ onReadable: null }, { onReadable: null }];
    const child = proc.spawn('sleep 0.3');
    const shared = objs[1];
    void child.wait;
    const timer = proc.spawn(['poke'], {});
    pokes.set(timer.pid, () => shared.onReadable?.());
    const which = await proc.waitReadable(objs, Number(proc.argv[0] ?? 1) * 1e9);
    proc.out(`${which === null ? 'timeout' : `object ${objs.indexOf(which)}`} at ${proc.os.nowNs() / 1e9}\n`);
    return 0;
  },
};
const pokes = new Map<number, () => void>();
const poke: Command = {
  name: 'poke',
  summary: 'pokes',
  async run(proc) {
    await proc.sleep(0.3e9);
    pokes.get(proc.pid)?.();
    return 0;
  },
};
const extra = [ticker, waiter, poke];

describe('commands that wait', () => {
  test('jobs take turns in virtual time', async () => {
    const ran = await runText('ticker 2 & sleep 0.5; echo mid; ticker 1; wait', {}, extra);
    expect(ran.output).toBe('tick 1 at 0\nmid\ntick 1 at 0.5\n1 ticks\ntick 2 at 1\n2 ticks\n');
  });

  test('a wait ends with what came, or with the time', async () => {
    expect((await runText('waiter 1', {}, extra)).output).toBe('object 1 at 0.3\n');
    expect((await runText('waiter 0.2', {}, extra)).output).toBe('timeout at 0.2\n');
  });

  test('a handled signal interrupts, another kills', async () => {
    const ran = await runText('ticker & sleep 1.5; kill -INT $!; wait $!; echo $?', {}, extra);
    expect(ran.output).toBe('tick 1 at 0\ntick 2 at 1\n2 ticks\n0\n');
    const killed = await runText('ticker & sleep 0.5; kill $!; wait $!; echo $?', {}, extra);
    expect(killed.output).toBe('tick 1 at 0\n143\n');
    expect((await runText('timeout -s INT 1.5 ticker; echo $?', {}, extra)).output).toContain('2 ticks\n124\n');
  });

  test('a script that a command runs is in its namespace and goes where it goes', async () => {
    const run: Command = {
      name: 'inside',
      summary: 'runs words in a new namespace',
      async run(proc) {
        const ns = proc.os.nsCreate();
        proc.os.nsUnbind('x');
        proc.os.nsBind('x', ns);
        return proc.exec(proc.argv, { ns, env: { WHERE: 'x' } });
      },
    };
    const show: Command = {
      name: 'show',
      summary: 'tells',
      async run(proc) {
        proc.out(`${proc.ns === proc.os.nsByName('x')} ${proc.env.get('WHERE')} ${proc.env.get('NOT') ?? '-'}\n`);
        return 3;
      },
    };
    const ran = await runText(
      'NOT=1; export YES=1; x=$(inside show); echo "$? [$x]"; inside sh -c "show; exit 4"; echo $?',
      {},
      [run, show],
    );
    expect(ran.output).toBe('3 [true x -]\ntrue x -\n4\n');
  });
});

describe('Ctrl-C', () => {
  async function interrupted(text: string, afterNs: number): Promise<{ output: string; exitCode: number }> {
    const kernel = fakeKernel();
    let interrupt = (): void => undefined;
    kernel.loop.at(
      afterNs,
      (call: () => void) => call(),
      () => interrupt(),
      0,
    );
    const ran = runText(text, { kernel, onSession: (session) => (interrupt = () => session.interrupt()) }, extra);
    const { output, exitCode } = await ran;
    return { output, exitCode };
  }

  test('the command in the foreground says its last word, then the script ends', async () => {
    const ran = await interrupted("trap 'echo bye $?' EXIT; ticker; echo never", 1.5e9);
    expect(ran).toEqual({ output: 'tick 1 at 0\ntick 2 at 1\n2 ticks\nbye 130\n', exitCode: 130 });
  });

  test('a sleeping script ends, whatever is around the sleep', async () => {
    for (const text of [
      'sleep 9',
      'f() { for i in 1; do { (sleep 9); }; done; }; x=$(f | cat); echo no',
      'while :; do sleep 1; done',
      'sleep 9 & wait',
    ]) {
      expect(await interrupted(text, 1.5e9)).toEqual({ output: '', exitCode: 130 });
    }
  });

  test('a trap on INT runs instead', async () => {
    const ran = await interrupted("trap 'echo int' INT; sleep 3; echo after", 1e9);
    expect(ran).toEqual({ output: 'int\nafter\n', exitCode: 0 });
  });
});

describe('a run that does not end', () => {
  test('stops at its budget of commands', async () => {
    for (const text of [
      'while :; do :; done',
      'f() { f; }; while true; do (f 2>/dev/null); done',
      'while true; do sleep 1; done',
    ]) {
      const ran = await runText(text, { maxCommands: 3000 });
      expect(ran.exitCode).toBe(4);
      expect(ran.session.failure).toMatch(/3000 commands/);
    }
  });

  test('stops when it makes devices without end', async () => {
    let devices = 0;
    const kernel = { ...fakeKernel(), deviceCount: () => devices };
    const add: Command = { name: 'add', summary: 'adds 100 devices', run: async () => ((devices += 100), 0) };
    const ran = await runText('while :; do add; done', { kernel }, [add]);
    expect([ran.exitCode, ran.session.failure]).toEqual([4, 'the script made 16384 devices and did not end']);
  });

  test('stops when nothing can happen any more', async () => {
    const hang: Command = {
      name: 'hang',
      summary: 'hangs',
      run: async (proc) => ((await proc.waitReadable([], -1)) === null ? 0 : 1),
    };
    const ran = await runText('for i in 1; do hang; done; echo never', {}, [hang]);
    expect(ran.exitCode).toBe(4);
    expect(ran.output).toBe('');
    expect((await runText('sleep infinity')).session.failure).toMatch(/30 days/);
  });
});

test('records say what each command did', async () => {
  const ran = await runText('echo a >&2\nf() { echo in f; }\nf\nfalse | cat\nx=$(echo b)\nnosuch', { record: true });
  const records = ran.session.recorder?.commands.map(({ line, argv, exitCode, stdout, stderr }) => ({
    line,
    argv: argv.join(' '),
    exitCode,
    stdout,
    stderr,
  }));
  expect(records).toEqual([
    { line: 1, argv: 'echo a', exitCode: 0, stdout: '', stderr: 'a\n' },
    { line: 2, argv: 'echo in f', exitCode: 0, stdout: 'in f\n', stderr: '' },
    { line: 4, argv: 'false', exitCode: 1, stdout: '', stderr: '' },
    { line: 4, argv: 'cat', exitCode: 0, stdout: '', stderr: '' },
    { line: 5, argv: 'echo b', exitCode: 0, stdout: 'b\n', stderr: '' },
    { line: 6, argv: 'nosuch', exitCode: 127, stdout: '', stderr: 'lab.sh: line 6: nosuch: command not found\n' },
  ]);
});

test('variables and arguments come in, functions and variables stay from line to line', async () => {
  const ran = await runText('echo $MODE $1 $#', { variables: new Map([['MODE', 'vepa']]), args: ['a b', 'c'] });
  expect(ran.output).toBe('vepa a b 2\n');
  const { session } = await runText('true', { interactive: true });
  const terminal: string[] = [];
  session.computer.terminal.write = (_stream, text) => void terminal.push(text);
  expect(await session.runLine('x=5; f() { echo f$x; }; cd /tmp')).toEqual({ exitCode: 0, exited: false });
  expect(await session.runLine('f; pwd; false')).toEqual({ exitCode: 1, exited: false });
  expect(await session.runLine('exit 3')).toEqual({ exitCode: 3, exited: true });
  expect(terminal.join('')).toBe('f5\n/tmp\n');
});

test("the kernel's files are there, the user's are not", async () => {
  const ran = await runText(`cat /sys/class/net/eth0/address; ls /sys/class/net; echo /sys/class/net/*/mtu
[ -e /sys/class/net/eth9 ] || echo none; [ -r /proc/net/dev ] && echo dev
echo 1 > /proc/sys/net/ipv4/ip_forward && cat /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv4/nothing
echo 1 > /sys/class/net/eth0/address
cat ${import.meta.filename}; ls ${import.meta.dirname} || echo gone; wget http://localhost; node -e 1; python3 -c 1`);
  expect(ran.output.replaceAll(import.meta.dirname, 'DIR')).toBe(`02:00:00:00:00:01
eth0
lo
/sys/class/net/eth0/mtu /sys/class/net/lo/mtu
none
dev
1
lab.sh: line 4: /proc/sys/net/ipv4/nothing: No such file or directory
lab.sh: line 5: echo: write error: Permission denied
cat: DIR/session.test.ts: No such file or directory
ls: cannot access 'DIR': No such file or directory
gone
lab.sh: line 6: wget: command not found
lab.sh: line 6: node: command not found
lab.sh: line 6: python3: command not found
`);
});

test('a syntax error names file, line and column, and nothing runs', async () => {
  const ran = await runText('echo a\nif true; then\n  echo b\nfi fi\n');
  expect(ran.output).toBe(
    "lab.sh: line 4: syntax error near unexpected token `fi'\nlab.sh: line 4: `fi fi'\nlab.sh: line 4, column 4\n",
  );
  expect(ran.exitCode).toBe(2);
  expect((await runText('while true; do\n echo')).output).toBe(
    'lab.sh: line 3: syntax error: unexpected end of file\nlab.sh: line 3, column 1\n',
  );
  expect((await runText('echo "abc\n')).output).toMatch(
    /^lab\.sh: line \d: unexpected EOF while looking for matching `"'/,
  );
});
