/** Process lifecycle of the simulated kernel: fork, exec, wait, pipes, signals, the clock. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SysError } from '../../../core/errors.ts';
import { bootHost } from '../../../core/kernel/host.ts';
import { runProgram } from '../../../core/kernel/launch.ts';
import { registerLimits } from '../../../core/kernel/limits.ts';
import { allLimits } from '../../../core/kernel/limits-all.ts';
import type { Program } from '../../../core/kernel/sys.ts';

registerLimits(allLimits);

/** Runs one program as `t` on a fresh host. */
function run(program: Program, more: Record<string, Program> = {}, stdin?: string) {
  const kernel = bootHost({ programs: { t: program, ...more } });
  const result = runProgram(kernel, ['t'], stdin === undefined ? {} : { stdin });
  return { ...result, kernel };
}

test('output and exit code come back', () => {
  const { code, stdout, stderr } = run(function* (sys) {
    yield* sys.write(1, 'out\n');
    yield* sys.write(2, 'err\n');
    return 3;
  });
  assert.equal([code, stdout, stderr], [3, 'out\n', 'err\n']);
});

test('standard input ends', () => {
  const cat: Program = function* (sys) {
    for (;;) {
      const data = yield* sys.read(0);
      if (data.length === 0) return 0;
      yield* sys.write(1, data);
    }
  };
  assert.is(run(cat, {}, 'x'.repeat(200_000)).stdout.length, 200_000);
});

test('a pipe carries more than it holds, and ends when the writer does', () => {
  const { stdout } = run(function* (sys) {
    const [read, write] = sys.pipe();
    const child = sys.fork(function* (own) {
      own.close(read);
      yield* own.write(write, 'y'.repeat(300_000));
      return 0;
    });
    sys.close(write);
    let total = 0;
    for (;;) {
      const data = yield* sys.read(read);
      if (data.length === 0) break;
      total += data.length;
    }
    const result = yield* sys.wait(child);
    yield* sys.write(1, `${total} ${result?.code}`);
    return 0;
  });
  assert.is(stdout, '300000 0');
});

test('a writer without readers dies of SIGPIPE, or gets EPIPE when it ignores that', () => {
  const { stdout } = run(function* (sys) {
    const [read, write] = sys.pipe();
    sys.close(read);
    const child = sys.fork(function* (own) {
      yield* own.write(write, 'x');
      return 0;
    });
    const result = yield* sys.wait(child);
    sys.sigaction('PIPE', 'ignore');
    let errno = '';
    try {
      yield* sys.write(write, 'x');
    } catch (error) {
      errno = (error as SysError).errno;
    }
    yield* sys.write(1, `${result?.signal} ${errno}`);
    return 0;
  });
  assert.is(stdout, 'PIPE EPIPE');
});

test('execve keeps PID and descriptors, and ends what ran before', () => {
  const { stdout, code } = run(
    function* (sys) {
      const child = sys.fork(function* (own) {
        yield* own.execve('/bin/other', ['other', String(own.pid)], ['A=1']);
        return 9;
      });
      return (yield* sys.wait(child))?.code ?? 1;
    },
    {
      *other(sys, argv) {
        yield* sys.write(1, `${argv[1] === String(sys.pid)} ${sys.environ.join()}`);
        return 7;
      },
    },
  );
  assert.equal([stdout, code], ['true A=1', 7]);
});

test('execve refuses with the errno of the file', () => {
  const { stdout } = run(function* (sys) {
    sys.putContent('/tmp/noexec', { bytes: new TextEncoder().encode('echo') }, 0o644);
    sys.putContent('/tmp/nomagic', { bytes: new TextEncoder().encode('echo') }, 0o755);
    for (const path of ['/tmp/none', '/tmp', '/tmp/noexec', '/tmp/nomagic', '/tmp/noexec/x']) {
      try {
        yield* sys.execve(path, [path], []);
      } catch (error) {
        yield* sys.write(1, `${(error as SysError).errno} `);
      }
    }
    return 0;
  });
  assert.is(stdout, 'ENOENT EACCES EACCES ENOEXEC ENOTDIR ');
});

test('sleep lets simulated time pass and nothing else', () => {
  const { stdout } = run(function* (sys) {
    const before = sys.now();
    const left = yield* sys.sleep(300_000);
    yield* sys.write(1, `${sys.now() - before} ${left}`);
    return 0;
  });
  assert.is(stdout, '300000 0');
});

test('a handled signal interrupts sleep, and is taken once', () => {
  const { stdout } = run(function* (sys) {
    sys.sigaction('USR1', 'handler');
    const parent = sys.pid;
    sys.fork(function* (own) {
      yield* own.sleep(1000);
      own.kill(parent, 'USR1');
      return 0;
    });
    const left = yield* sys.sleep(5000);
    yield* sys.write(1, `${left} ${sys.takeSignals().join()} ${sys.takeSignals().length}`);
    return 0;
  });
  assert.is(stdout, '4000 USR1 0');
});

test('a zombie stays until it is waited for; without children wait gives ECHILD', () => {
  const { stdout } = run(function* (sys) {
    const child = sys.fork(function* () {
      return 4;
    });
    yield* sys.sleep(10);
    sys.kill(child, 0);
    const result = yield* sys.wait(-1, { nohang: true });
    let errno = '';
    try {
      yield* sys.wait(-1);
    } catch (error) {
      errno = (error as SysError).errno;
    }
    let gone = '';
    try {
      sys.kill(child, 0);
    } catch (error) {
      gone = (error as SysError).errno;
    }
    yield* sys.write(1, `${result?.code} ${errno} ${gone}`);
    return 0;
  });
  assert.is(stdout, '4 ECHILD ESRCH');
});

test('a stopped process does not run until it is continued', () => {
  const { stdout } = run(function* (sys) {
    const child = sys.fork(function* (own) {
      yield* own.sleep(1000);
      yield* own.write(1, 'child ');
      return 0;
    });
    sys.kill(child, 'STOP');
    yield* sys.sleep(5000);
    yield* sys.write(1, 'parent ');
    sys.kill(child, 'CONT');
    yield* sys.wait(child);
    return 0;
  });
  assert.is(stdout, 'parent child ');
});

test('a loop without end uses up the budget instead of hanging', () => {
  const spin: Program = function* (sys) {
    for (;;) yield* sys.burn(0);
  };
  assert.is(run(spin).unfinished, 'budget');
  const bomb: Program = function* (sys) {
    for (;;) {
      try {
        sys.fork((own) => bomb(own, []));
      } catch (error) {
        assert.is((error as SysError).errno, 'EAGAIN');
      }
      yield* sys.burn(0);
    }
  };
  assert.is(run(bomb).unfinished, 'budget');
});

test('reading what nobody writes is stuck, not spun', () => {
  const { unfinished } = run(function* (sys) {
    const [read] = sys.pipe();
    yield* sys.read(read);
    return 0;
  });
  assert.is(unfinished, 'stuck');
});

test('PIDs count on, the same in every run', () => {
  const once = () =>
    run(function* (sys) {
      for (let i = 0; i < 3; i++) {
        const child = sys.fork(function* () {
          return 0;
        });
        yield* sys.write(1, `${child} `);
        yield* sys.wait(child);
      }
      return 0;
    }).stdout;
  assert.is(once(), once());
  assert.match(once(), /^(\d+) (\d+) (\d+) $/);
});

test('append and offsets', () => {
  const { stdout } = run(function* (sys) {
    const file = sys.open('/tmp/f', { write: true, create: true, truncate: true });
    yield* sys.write(file, 'hello');
    sys.lseek(file, 1, 'set');
    yield* sys.write(file, 'EL');
    const more = sys.open('/tmp/f', { write: true, append: true });
    yield* sys.write(more, '!');
    yield* sys.write(file, 'L');
    const back = sys.open('/tmp/f', { read: true });
    yield* sys.write(1, yield* sys.read(back));
    yield* sys.write(1, yield* sys.read(back));
    return 0;
  });
  assert.is(stdout, 'hELLo!');
});

test('a file lives on while it is open', () => {
  const { stdout } = run(function* (sys) {
    const file = sys.open('/tmp/f', { write: true, read: true, create: true });
    sys.unlink('/tmp/f');
    yield* sys.write(file, 'still');
    sys.lseek(file, 0, 'set');
    yield* sys.write(1, yield* sys.read(file));
    return 0;
  });
  assert.is(stdout, 'still');
});

test.run();
