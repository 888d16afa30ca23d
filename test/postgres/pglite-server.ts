/** PostgreSQL in this process (PGlite) behind a port, so that the real client talks to it. One backend: sessions share settings and locks. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

const SSL_REQUEST = 80_877_103;

export class PGliteServer {
  private readonly database: PGlite;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly waiting: (() => void)[] = [];
  private isBusy = false;
  private owner: Socket | undefined;

  private constructor(database: PGlite) {
    this.database = database;
    this.server = createServer((socket) => this.serve(socket));
  }

  static async start({ hasVector = true } = {}): Promise<PGliteServer> {
    const database = await PGlite.create(hasVector ? { extensions: { vector } } : {});
    const server = new PGliteServer(database);
    server.server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return server;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await this.enter(undefined);
    await this.database.close();
  }

  private serve(socket: Socket): void {
    const session = new WireSession((bytes) => void socket.write(bytes), (message) => this.run(socket, message), () => socket.end());
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => session.take(bytes));
    socket.on('close', () => {
      this.sockets.delete(socket);
      void session.settled().then(() => this.leave(socket));
    });
  }

  /** Whole sequences up to a ReadyForQuery; while one session has a transaction, the others wait. */
  private async run(socket: Socket, message: Uint8Array): Promise<Uint8Array> {
    await this.enter(socket);
    try {
      return await this.database.execProtocolRaw(message);
    } finally {
      this.isBusy = false;
      this.owner = this.database.isInTransaction() ? socket : undefined;
      this.wake();
    }
  }

  /** What a server does when a session ends. */
  private async leave(socket: Socket): Promise<void> {
    if (this.database.closed) return;
    await this.enter(socket);
    if (this.owner === socket) await this.database.exec('ROLLBACK');
    await this.database.exec('SELECT pg_advisory_unlock_all()');
    this.owner = undefined;
    this.isBusy = false;
    this.wake();
  }

  private async enter(socket: Socket | undefined): Promise<void> {
    while (this.isBusy || (this.owner !== undefined && socket !== undefined && this.owner !== socket)) await new Promise<void>((resolve) => { this.waiting.push(resolve); });
    this.isBusy = true;
  }

  private wake(): void {
    for (const go of this.waiting.splice(0)) go();
  }
}

/** Cuts a client's bytes into what the database answers in one go; COPY FROM STDIN must come to it whole. */
class WireSession {
  private readonly write: (bytes: Uint8Array) => void;
  private readonly run: (message: Uint8Array) => Promise<Uint8Array>;
  private readonly end: () => void;
  private bytes = Buffer.alloc(0);
  private readonly frames: Buffer[] = [];
  private isStarted = false;
  private isCopying = false;
  private work: Promise<void> = Promise.resolve();

  constructor(write: (bytes: Uint8Array) => void, run: (message: Uint8Array) => Promise<Uint8Array>, end: () => void) {
    this.write = write;
    this.run = run;
    this.end = end;
  }

  take(bytes: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    for (let frame = this.nextFrame(); frame !== undefined; frame = this.nextFrame()) this.takeFrame(frame);
  }

  settled(): Promise<void> {
    return this.work;
  }

  private nextFrame(): Buffer | undefined {
    const head = this.isStarted ? 1 : 0;
    if (this.bytes.length < head + 4) return undefined;
    const length = head + this.bytes.readInt32BE(head);
    if (this.bytes.length < length) return undefined;
    const frame = this.bytes.subarray(0, length);
    this.bytes = this.bytes.subarray(length);
    return frame;
  }

  private takeFrame(frame: Buffer): void {
    if (!this.isStarted) {
      if (frame.readInt32BE(4) === SSL_REQUEST) return this.write(Buffer.from('N'));
      this.isStarted = true;
      return this.answer(frame, false);
    }
    const kind = String.fromCharCode(frame[0]!);
    if (kind === 'X') return this.end();
    this.frames.push(frame);
    if (kind === 'Q' && /^COPY .* FROM STDIN/is.test(frame.toString('utf8', 5))) {
      this.isCopying = true;
      this.write(Buffer.from([0x47, 0, 0, 0, 7, 1, 0, 0]));
    } else if (this.isCopying ? 'cf'.includes(kind) : 'QS'.includes(kind)) {
      this.answer(Buffer.concat(this.frames.splice(0)), this.isCopying);
      this.isCopying = false;
    }
  }

  private answer(message: Buffer, isCopy: boolean): void {
    const before = this.work;
    const answered = async (): Promise<void> => {
      await before;
      const answer = Buffer.from(await this.run(message));
      // The client was told already to go on with its COPY.
      this.write(isCopy && answer[0] === 0x47 ? answer.subarray(1 + answer.readInt32BE(1)) : answer);
    };
    this.work = answered().catch(() => this.end());
  }
}
