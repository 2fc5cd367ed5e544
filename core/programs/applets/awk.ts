/** awk [-F SEP] [-v VAR=VAL]... [-f FILE]... [-e PROG] [PROG] [FILE]...: see core/programs/awk. */
import { AwkError } from '../awk/ast.ts';
import { unescaped } from '../awk/lexer.ts';
import { parseAwk } from '../awk/parser.ts';
import { Machine } from '../awk/run.ts';
import { type Applet, Usage } from '../lib/applet.ts';
import { byteString, fromBytes } from '../lib/bytes.ts';
import { readAll } from '../lib/io.ts';

export const awk: Applet = {
  usage: '[OPTIONS] [AWK_PROGRAM] [FILE]...',
  *main(ctx) {
    const options = ctx.options('+F:v:f:e:W:');
    const sources = options.all('e').map(byteString);
    for (const path of options.all('f')) {
      const fd = yield* ctx.open(path);
      if (fd === undefined) return 1;
      sources.push(fromBytes(yield* readAll(ctx.sys, fd)));
      ctx.close(fd);
    }
    const rest = [...options.rest];
    if (sources.length === 0) {
      const first = rest.shift();
      if (first === undefined) throw new Usage();
      sources.push(byteString(first));
    }
    try {
      const machine = new Machine(ctx.sys, parseAwk(sources.join('\n')), rest);
      const separator = options.get('F');
      if (separator !== undefined) machine.set('FS', separator === 't' ? '\t' : unescaped(byteString(separator)));
      for (const each of options.all('v')) if (!machine.assignOperand(byteString(each))) throw new Usage();
      return yield* machine.run();
    } catch (error) {
      if (!(error instanceof AwkError)) throw error;
      const plain = error.message.startsWith('\0');
      yield* ctx.warn(plain ? error.message.slice(1) : `cmd. line:${error.line ?? 1}: ${error.message}`);
      return 1;
    }
  },
};
