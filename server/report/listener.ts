import pg from 'pg';

const CONNECT_LIMIT_MS = 5_000;

/**
 * Hears when rows come in (LISTEN). A connection of its own, as notices come to the one that asked
 * for them. It only makes things quicker: what is missed while it is away, the regular look finds.
 */
export class Listener {
  #client: pg.Client | undefined;

  constructor(
    private readonly url: string,
    private readonly channel: string,
    private readonly heard: () => void,
  ) {}

  /** Connects unless connected; throws when the server is away. */
  async ensure(): Promise<void> {
    if (this.#client) return;
    const client = new pg.Client({
      connectionString: this.url,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      application_name: `zhengzhao-hub/listen/${this.channel}`,
      keepAlive: true,
    });
    const gone = (): void => {
      if (this.#client === client) this.#client = undefined;
    };
    // Without it an error of the idle connection would end the process.
    client.on('error', gone);
    client.on('end', gone);
    client.on('notification', this.heard);
    this.#client = client;
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(this.channel)}`);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }
}
