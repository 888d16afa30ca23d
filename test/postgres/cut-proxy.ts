/** A network that breaks: passes bytes on to a port, and cuts a connection once it has sent so many of them. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export class CutProxy {
  /** How often a connection was cut. */
  cuts = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(port: number, after: readonly number[]) {
    this.server = createServer((client) => this.serve(client, port, after));
  }

  /** after: bytes after which the first connection is cut, then the second, ...; later ones are not. */
  static async start(port: number, after: readonly number[]): Promise<CutProxy> {
    const proxy = new CutProxy(port, after);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private serve(client: Socket, port: number, after: readonly number[]): void {
    const server = connect(port, '127.0.0.1');
    const limit = after[this.cuts] ?? Infinity;
    let sent = 0;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (bytes) => {
      sent += bytes.length;
      if (sent < limit) return server.write(bytes);
      server.write(bytes.subarray(0, Math.max(0, bytes.length - (sent - limit))));
      this.cuts++;
      return end();
    });
    server.on('data', (bytes) => client.write(bytes));
  }
}
