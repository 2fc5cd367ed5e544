/** Numbers of the signals on Linux x86 and ARM, signal(7). */
import { realTimeSignals, type Signal } from '../op.ts';

export const signalNumbers: Readonly<Record<Signal, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
  ...realTimeSignals((number) => number),
};

export function signalByNumber(number: number): Signal | undefined {
  const entry = Object.entries(signalNumbers).find(([, value]) => value === number);
  return entry?.[0] as Signal | undefined;
}
