/**
 * The few globals that Node and browsers share and that core may use. Core is compiled without the types of either, so
 * anything that is not named here (console, process, document, timers) does not type-check inside core.
 */
declare class TextEncoder {
  encode(input?: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array, options?: { stream?: boolean }): string;
}
