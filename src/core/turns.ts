/**
 * Turns on the event loop, one an iteration: answers that arrive together would otherwise go on together, and whatever waits beside them
 * (a health check, a new connection) would wait for the sum of their work.
 */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  /** Resolves in an iteration of its own, in the order of the calls. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 1) setImmediate(() => this.give());
    });
  }

  private give(): void {
    this.waiting[0]?.();
    // Taken out only now: who calls `next` meanwhile must not start a second chain.
    this.waiting.shift();
    if (this.waiting.length > 0) setImmediate(() => this.give());
  }
}
