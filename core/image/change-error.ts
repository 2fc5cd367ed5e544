/** What is wrong with a change (`--change`), in the daemon's words. */
export class ChangeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChangeError';
  }
}
