import type { Connection } from '../storage/database.js';
import { placeOf } from '../storage/restorations.js';

/** The database can't be worked on over this connection; passes for an outage ({@link isServerAway}). */
export class PlaceError extends Error {
  override readonly name = 'PlaceError';
  /** SQLSTATE, as the server itself says it: it goes, or it is not there yet. */
  readonly code: string;

  constructor(why: 'moved' | 'recovering') {
    super(
      why === 'moved'
        ? '数据库已换到另一处(主备切换或恢复),进程须重新启动,以后移编号 · the database is in another place, as after ' +
            'a failover or a restore; the process has to be started again, to move its numbers on.'
        : '数据库仍为备机或正在恢复 · the database is a standby, or recovers.',
    );
    this.code = why === 'moved' ? '57P01' : '57P03';
  }
}

/**
 * Sees to it that a process works on the place only that it found at its start. A standby that was
 * promoted may lack the last moment: numbers given then would be given twice, and neighbours would not
 * hear of it. Each new connection is looked at before its first use, as none outlives its server.
 */
export class PlaceWatch {
  #place: string | undefined;
  readonly #moved = new AbortController();

  /** Aborted, with a PlaceError, when the tables were found in another place. */
  readonly moved = this.#moved.signal;

  /** The place that all connections must be in from now on. */
  keepTo(place: string): void {
    this.#place = place;
  }

  /** Rejects, with a PlaceError, for a connection that must not be used. */
  async admit(connection: Connection): Promise<void> {
    if (this.#place === undefined) return;
    const place = await placeOf(connection);
    // A standby would keep the connection when it is promoted.
    if (place === undefined) throw new PlaceError('recovering');
    if (place !== this.#place) this.#moved.abort(new PlaceError('moved'));
    this.moved.throwIfAborted();
  }
}
