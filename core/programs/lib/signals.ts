/** Signal numbers and names as users type them (signal(7)), and what a shell prints of a process that one has ended. */
import { type RealTimeSignal, realTimeSignals, type Signal } from '../../op.ts';

/** By number from 1. 29 is IO; busybox prints it as POLL. */
export const signals: readonly Signal[] = [
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
  ...(Object.keys(realTimeSignals(() => 0)) as RealTimeSignal[]),
];

const isRealTime = (signal: Signal): signal is RealTimeSignal => /^RT\d/.test(signal);

export function signalNumber(signal: Signal): number {
  return signals.indexOf(signal) + 1;
}

/** As `kill -l` prints it. */
export function shownName(signal: Signal): string {
  if (isRealTime(signal)) return signal.slice(2);
  return signal === 'IO' ? 'POLL' : signal;
}

/** `TERM`, `SIGTERM`, `term`, `15`; 0 is "no signal". */
export function signalNamed(text: string): Signal | 0 | undefined {
  if (/^\d+$/.test(text)) return text === '0' ? 0 : signals[Number(text) - 1];
  const name = text.toUpperCase().replace(/^SIG/, '');
  if (name === 'EXIT') return 0;
  return name === 'POLL' ? 'IO' : name === 'CLD' ? 'CHLD' : signals.find((each) => each === name && !isRealTime(each));
}

/** strsignal(3). */
export const signalText: Readonly<Record<Signal, string>> = {
  HUP: 'Hangup',
  INT: 'Interrupt',
  QUIT: 'Quit',
  ILL: 'Illegal instruction',
  TRAP: 'Trace/breakpoint trap',
  ABRT: 'Aborted',
  BUS: 'Bus error',
  FPE: 'Floating point exception',
  KILL: 'Killed',
  USR1: 'User defined signal 1',
  SEGV: 'Segmentation fault',
  USR2: 'User defined signal 2',
  PIPE: 'Broken pipe',
  ALRM: 'Alarm clock',
  TERM: 'Terminated',
  STKFLT: 'Stack fault',
  CHLD: 'Child exited',
  CONT: 'Continued',
  STOP: 'Stopped (signal)',
  TSTP: 'Stopped',
  TTIN: 'Stopped (tty input)',
  TTOU: 'Stopped (tty output)',
  URG: 'Urgent I/O condition',
  XCPU: 'CPU time limit exceeded',
  XFSZ: 'File size limit exceeded',
  VTALRM: 'Virtual timer expired',
  PROF: 'Profiling timer expired',
  WINCH: 'Window changed',
  IO: 'I/O possible',
  PWR: 'Power failure',
  SYS: 'Bad system call',
  ...realTimeSignals((number) => (number < 34 ? `Unknown signal ${number}` : `Real-time signal ${number - 34}`)),
};
