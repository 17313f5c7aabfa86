/** Bytes of all requests together of which only a part has come yet. */
export const HALF_RECEIVED_BYTES = 256 * 1024 * 1024;

/** A request on its way in. */
export interface Coming {
  /** How many bytes of it are held now; 0: it is whole, or nothing of it has come. */
  hold(bytes: number): void;
}

interface Request {
  readonly end: () => void;
  bytes: number;
  ended: boolean;
}

/** Requests from one network, in the order in which they began to be held. */
interface Network {
  bytes: number;
  readonly requests: Set<Request>;
}

/**
 * What half a request may cost: nothing but time ends one whose rest does not come, and thousands of
 * connections could each leave megabytes behind. Past the limit the network that holds most pays for
 * it, with the request of it that is held longest. One that comes whole at once is never in question.
 */
export class HalfReceived {
  readonly #networks = new Map<string, Network>();
  #bytes = 0;

  constructor(private readonly limit: number = HALF_RECEIVED_BYTES) {}

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A request from a network begins; `end` breaks it off. */
  begin(network: string, end: () => void): Coming {
    const request: Request = { end, bytes: 0, ended: false };
    return {
      hold: (bytes) => {
        // Of one that was ended a little may still come, and is thrown away.
        if (bytes === request.bytes || request.ended) return;
        this.#set(network, request, bytes);
        while (this.#bytes > this.limit && this.#endOne());
      },
    };
  }

  #set(name: string, request: Request, bytes: number): void {
    const network = this.#networks.get(name) ?? { bytes: 0, requests: new Set<Request>() };
    const change = bytes - request.bytes;
    request.bytes = bytes;
    network.bytes += change;
    this.#bytes += change;
    if (bytes > 0) network.requests.add(request);
    else network.requests.delete(request);
    if (network.requests.size > 0) this.#networks.set(name, network);
    else this.#networks.delete(name);
  }

  #endOne(): boolean {
    const [name, greediest] = [...this.#networks].reduce((most, one) =>
      one[1].bytes > most[1].bytes ? one : most,
    );
    const [oldest] = greediest.requests;
    if (!oldest) return false;
    this.#set(name, oldest, 0);
    oldest.ended = true;
    oldest.end();
    return true;
  }
}
