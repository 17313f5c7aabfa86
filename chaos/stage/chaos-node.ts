import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../launch/free-port.js';
import { HubProcess } from './hub-process.js';
import { Trap } from './named-points.js';
import type { NodeCode } from './places.js';
import { PostgresServer } from './postgres-server.js';
import { RedisServer } from './redis-server.js';
import { Relay } from './relay.js';

/** A process of a node, with the relays through which it reaches PostgreSQL and Redis. */
export interface Member {
  readonly role: 'api' | 'worker';
  readonly process: HubProcess;
  readonly trap: Trap;
  readonly toPostgres: Relay;
  readonly toRedis: Relay;
  /** Port on which it takes calls; a worker takes none. */
  readonly port: number;
}

/** What makes one node different from the others. */
export interface NodePlan {
  readonly code: NodeCode;
  readonly roles: readonly Member['role'][];
  readonly env: Readonly<Record<string, string>>;
}

/** So small that an outage of seconds fills it. */
const BACKLOG_LIMIT = '300';

/** A node as it would be run: several processes, one PostgreSQL, one Redis, one clock. */
export class ChaosNode {
  private constructor(
    readonly code: NodeCode,
    readonly dir: string,
    readonly postgres: PostgresServer,
    readonly redis: RedisServer,
    readonly members: readonly Member[],
  ) {}

  /** Starts its servers; its processes are made and not started. */
  static async open({ code, roles, env }: NodePlan, parent: string): Promise<ChaosNode> {
    const dir = join(parent, code);
    await mkdir(dir);
    const postgres = await PostgresServer.open(join(dir, 'postgres'));
    const redis = await RedisServer.open(dir);
    const members: Member[] = [];
    for (const [index, role] of roles.entries())
      members.push(
        await openMember(`${code}-${role}-${index + 1}`, role, env, { dir, postgres, redis }),
      );
    return new ChaosNode(code, dir, postgres, redis, members);
  }

  /** Processes that take calls. */
  get apis(): readonly Member[] {
    return this.members.filter(({ role }) => role === 'api');
  }

  /** Files in which its processes write what they have to say. */
  get logFiles(): readonly string[] {
    return this.members.map(({ process }) => join(this.dir, `${process.name}.log`));
  }

  /** Moves the clock of its processes; they notice within a moment. */
  async setClock(offsetMs: number): Promise<void> {
    await writeFile(clockFile(this.dir), String(offsetMs));
  }

  async close(): Promise<void> {
    await Promise.all(
      this.members.map(async ({ process, toPostgres, toRedis }) => {
        await process.close();
        await Promise.all([toPostgres.close(), toRedis.close()]);
      }),
    );
    await Promise.all([this.redis.close(), this.postgres.close()]);
  }
}

function clockFile(dir: string): string {
  return join(dir, 'clock');
}

async function openMember(
  name: string,
  role: Member['role'],
  env: NodePlan['env'],
  { dir, postgres, redis }: Pick<ChaosNode, 'dir' | 'postgres' | 'redis'>,
): Promise<Member> {
  const trap = new Trap();
  const toPostgres = await Relay.open({
    target: () => postgres.port,
    inspect: () => trap.watchPostgres(),
  });
  const toRedis = await Relay.open({ target: () => redis.port, inspect: () => trap.watchRedis() });
  const port = await freePort();
  const process = new HubProcess({
    name,
    logFile: join(dir, `${name}.log`),
    env: {
      ...env,
      HUB_PROCESS: role,
      HUB_PORT: String(port),
      HUB_DATABASE_URL: postgres.urlAt(toPostgres.port),
      HUB_DATABASE_POOL: '8',
      HUB_REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
      HUB_DATA_DIR: dir,
      HUB_BACKLOG_LIMIT: BACKLOG_LIMIT,
      // Its enterprises are not in the free trade zones (R21).
      HUB_PILOT_EVERYWHERE: 'true',
      HUB_LOG_LEVEL: 'info',
      CHAOS_CLOCK_FILE: clockFile(dir),
    },
  });
  return { role, process, trap, toPostgres, toRedis, port };
}
