/**
 * What one hostile archive is: bytes, the verb that gets them, and what is to come of it. The tables beside this file hold the
 * cases; test/suites/hostile.ts plays them on a target; what the real Docker 20.10.24 said stands in
 * test/fixtures/hostile-20.10.24.json.
 */
export interface HostileCase {
  readonly name: string;
  readonly verb: 'load' | 'import';
  readonly bytes: () => Uint8Array;
  /**
   * Where we differ from Docker 20.10.24 on purpose, and why. Absent: same exit code, same words, same tree. `refused`: the
   * words of our refusal (Docker takes the archive, or says it otherwise); `taken`: we take what Docker refuses.
   */
  readonly differs?: { readonly why: string } & ({ readonly refused: RegExp } | { readonly taken: true });
  /** Never given to the real engine: it would fill its disk or end it. */
  readonly notOnDocker?: string;
}

export const load = (name: string, bytes: () => Uint8Array, more: Partial<HostileCase> = {}): HostileCase => ({
  name,
  verb: 'load',
  bytes,
  ...more,
});

export const imported = (name: string, bytes: () => Uint8Array, more: Partial<HostileCase> = {}): HostileCase => ({
  name,
  verb: 'import',
  bytes,
  ...more,
});
