import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Which way bytes go: `up` towards the server, `down` back to the client. */
export type Direction = 'up' | 'down';

/** Looks at the bytes of one connection; false swallows them and ends the connection. */
export type Inspector = (direction: Direction, bytes: Buffer) => boolean | Promise<boolean>;

/** What a relay does with its connections. */
export type Weather =
  | { readonly kind: 'clear' }
  /** Connections end at once and none is taken. */
  | { readonly kind: 'cut' }
  /** Connections stay, but nothing arrives. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'slow'; readonly delayMs: number };

const CLEAR: Weather = { kind: 'clear' };
const SILENCE_POLL_MS = 50;

/** What a relay needs. */
export interface RelayOptions {
  /** Ports of 127.0.0.1 that serve; undefined when none does right now. */
  readonly target: () => number | undefined;
  /** Made for each connection. Unset: nobody looks. */
  readonly inspect?: () => Inspector;
}

/** A TCP relay between two parts of the system, which can be cut, silenced and slowed down. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #weather: Weather = CLEAR;

  private constructor(private readonly options: RelayOptions) {
    this.#server = createServer((client) => {
      this.#take(client);
    });
  }

  /** Opens a relay on a free port. */
  static async open(options: RelayOptions): Promise<Relay> {
    const relay = new Relay(options);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Changes the weather for connections there are and those to come. */
  set weather(weather: Weather) {
    this.#weather = weather;
    if (weather.kind === 'cut') this.#endAll();
  }

  async close(): Promise<void> {
    this.#endAll();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #endAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(client: Socket): void {
    const port = this.options.target();
    if (this.#weather.kind === 'cut' || port === undefined) {
      client.destroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    const inspect = this.options.inspect?.();
    this.#pump('up', client, server, inspect).catch(end);
    this.#pump('down', server, client, inspect).catch(end);
  }

  async #pump(direction: Direction, from: Socket, to: Socket, inspect?: Inspector): Promise<void> {
    for await (const bytes of from as AsyncIterable<Buffer>) {
      await this.#sitOut();
      if (inspect && !(await inspect(direction, bytes))) throw new Error('swallowed');
      if (!to.write(bytes)) await once(to, 'drain');
    }
    to.end();
  }

  async #sitOut(): Promise<void> {
    const weather = this.#weather;
    if (weather.kind === 'slow') await pause(weather.delayMs);
    while (this.#weather.kind === 'silent') await pause(SILENCE_POLL_MS);
  }
}
