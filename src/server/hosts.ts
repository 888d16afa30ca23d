/**
 * Which Host headers are answered. A web page anywhere can point a name of its own at a local address (DNS rebinding) and then read
 * a chemist's library by the chemist's browser; the Host header still tells that name.
 */
import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { IsoLensError } from '../core/index.ts';

export interface HostRule {
  /** The address or name that the server was told to listen on. */
  readonly listening: string;
  /** Further names it is known by, each with or without a port. */
  readonly allowed: readonly string[];
}

interface Authority {
  /** In lower case, an IPv6 address without brackets. */
  readonly name: string;
  /** undefined where none is given. */
  readonly port: number | undefined;
}

const HTTP_PORT = 80;
const MAX_SHOWN = 255;
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Takes `name`, `name:port`, `[::1]:port` and a bare IPv6 address apart; undefined where it is none of them. */
export function parseHost(text: string): Authority | undefined {
  if (isIP(text) === 6) return { name: text.toLowerCase(), port: undefined };
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, address, name, port] = match;
  if (address !== undefined && isIP(address) !== 6) return undefined;
  return { name: (address ?? name!).toLowerCase().replace(/\.$/, ''), port: port === undefined ? undefined : Number(port) };
}

/** Whether an address, as a socket tells it, is of this machine itself. */
export function isThisMachine(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:/, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** Whether only programs on this machine reach a service that listens there. */
export function listensHereAlone(listening: string): boolean {
  const address = parseHost(listening)?.name ?? listening.toLowerCase();
  return LOOPBACK.includes(address) || isThisMachine(address);
}

export function hostGuard({ listening, allowed }: HostRule): RequestHandler {
  const address = parseHost(listening)?.name ?? listening.toLowerCase();
  const own = new Set([...LOOPBACK, address]);
  const isLocal = listensHereAlone(listening);
  const given = allowed.flatMap((text) => parseHost(text) ?? []);
  const answers = ({ name, port = HTTP_PORT }: Authority, bound: number | undefined): boolean => {
    if (given.some((one) => one.name === name && (one.port === undefined || one.port === port))) return true;
    // Beyond this machine the port may be mapped, and this machine has addresses that are not known here. An address is no name that
    // somebody could point elsewhere.
    return isLocal ? own.has(name) && port === bound : own.has(name) || isIP(name) !== 0;
  };
  return (request, _response, next) => {
    const host = request.headers.host ?? '';
    const authority = parseHost(host);
    if (authority === undefined || !answers(authority, request.socket.localPort)) {
      const received = JSON.stringify(host.slice(0, MAX_SHOWN));
      throw new IsoLensError(
        'HOST_NOT_ALLOWED',
        `Expected this service's own address as the host but received ${received}; ` +
          'if others know the service by this name, start it with --allow-host and the name.',
      );
    }
    next();
  };
}
