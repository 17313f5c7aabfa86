import { Code } from '#gen/google/rpc/code_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { Patience } from '../../clients/patience.js';
import { testCounterpart, validLicence, validRegistration } from '../../test/support/builders.js';

/** How many clients send, and how many calls each has on their way. */
export interface Crowd {
  readonly clients: number;
  readonly inFlight: number;
  /** How many enterprises their licences are about. */
  readonly enterprises: number;
}

/** Makes enterprises known to the node, as patiently as everything else. */
export async function establish(
  address: string,
  catalogVersion: string,
  enterprises: number,
): Promise<void> {
  const client = createGrpcClient(Registration, address);
  const patience = new Patience();
  const numbers = Array.from({ length: enterprises }, (_, index) => index + 1);
  await Promise.all(
    numbers.map((number) => {
      const registration = validRegistration({ catalogVersion }, { number });
      return patience.make(() => client.submitRegistration({ registration }));
    }),
  );
  client.close();
}

/** Clients that send licences as fast as the node takes them, each by our own patient client. */
export class Senders {
  /** Ids of what there is a receipt for. */
  readonly accepted: string[] = [];
  refused = 0;
  withoutRetryInfo = 0;
  gaveUp = 0;
  #next = 0;
  #ended = false;
  readonly #clients: GrpcClient<typeof Exchange>[];
  readonly #sending: Promise<void>[];

  readonly #enterprises: number;

  constructor(address: string, { clients, inFlight, enterprises }: Crowd) {
    this.#enterprises = enterprises;
    this.#clients = Array.from({ length: clients }, () =>
      createGrpcClient(Exchange, address, {
        channelOptions: { 'grpc.use_local_subchannel_pool': 1 },
      }),
    );
    this.#sending = this.#clients.flatMap((client) => {
      const patience = new Patience({ inFlight });
      return Array.from({ length: inFlight }, () => this.#send(client, patience));
    });
  }

  /** Begins nothing more; resolves when all that was begun has its receipt. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#sending);
    for (const client of this.#clients) client.close();
  }

  async #send(client: GrpcClient<typeof Exchange>, patience: Patience): Promise<void> {
    while (!this.#ended) {
      const number = (this.#next += 1);
      const counterpart = testCounterpart((number % this.#enterprises) + 1);
      const record = validLicence({ counterpart }, { number });
      try {
        await patience.make(() => this.#counted(client.submitRecord({ record })));
        this.accepted.push(record.envelope?.messageId ?? '');
      } catch {
        this.gaveUp += 1;
      }
    }
  }

  async #counted<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof HubClientError && error.code === Code.RESOURCE_EXHAUSTED) {
        this.refused += 1;
        if (error.retryAfterMs === undefined) this.withoutRetryInfo += 1;
      }
      throw error;
    }
  }
}
