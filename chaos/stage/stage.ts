import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Random } from '../random.js';
import { ChaosNode, type Member } from './chaos-node.js';
import { GUANGDONG, NATIONAL, NODES, ZHEJIANG, type NodeCode } from './places.js';
import { Relay } from './relay.js';

/** A way from one node to another, through a relay that also spreads calls over the processes. */
export interface NodeLink {
  readonly from: NodeCode;
  readonly to: NodeCode;
  readonly relay: Relay;
}

/** Three nodes with everything they need, each part able to fail on its own. */
export interface Stage {
  readonly nodes: ReadonlyMap<NodeCode, ChaosNode>;
  readonly links: readonly NodeLink[];
  /** Ends every process and server and removes every file, unless the logs are to be kept. */
  close(keepFiles: boolean): Promise<string>;
}

/** Of every node, on one PostgreSQL and one Redis. */
const ROLES = ['api', 'api', 'worker'] as const;

/** Starts the servers and makes the processes. Whatever was started is stopped when a later step fails. */
export async function openStage(random: Random): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'zhengzhao-chaos-'));
  const nodes = new Map<NodeCode, ChaosNode>();
  const links: NodeLink[] = [];
  const killAll = (): void => {
    for (const { process: hub } of membersOf({ nodes })) hub.kill();
  };
  process.once('exit', killAll);
  const close = async (keepFiles: boolean): Promise<string> => {
    for (const { relay } of links) relay.weather = { kind: 'cut' };
    await Promise.all([...nodes.values()].map((node) => node.close()));
    await Promise.all(links.map(({ relay }) => relay.close()));
    process.off('exit', killAll);
    if (!keepFiles) await rm(dir, { recursive: true, force: true });
    return dir;
  };
  try {
    const linkTo = async (from: NodeCode, to: NodeCode): Promise<string> => {
      const target = (): number | undefined => {
        const apis = nodes.get(to)?.apis ?? [];
        return apis.length > 0 ? random.pick(apis).port : undefined;
      };
      const relay = await Relay.open({ target });
      links.push({ from, to, relay });
      return `http://127.0.0.1:${relay.port}`;
    };
    for (const code of NODES) {
      const plan = { code, roles: ROLES, env: await environmentOf(code, linkTo) };
      nodes.set(code, await ChaosNode.open(plan, dir));
    }
    return { nodes, links, close };
  } catch (error) {
    await close(false);
    throw error;
  }
}

async function environmentOf(
  code: NodeCode,
  linkTo: (from: NodeCode, to: NodeCode) => Promise<string>,
): Promise<Record<string, string>> {
  if (code !== NATIONAL)
    return {
      HUB_LEVEL: 'provincial',
      HUB_REGION: code,
      HUB_UPSTREAM_URL: await linkTo(code, NATIONAL),
    };
  const [zhejiang, guangdong] = [await linkTo(code, ZHEJIANG), await linkTo(code, GUANGDONG)];
  return {
    HUB_LEVEL: 'national',
    HUB_NODES: `${ZHEJIANG}=${zhejiang},${GUANGDONG}=${guangdong}`,
  };
}

/** Every process of every node. */
export function membersOf({ nodes }: Pick<Stage, 'nodes'>): Member[] {
  return [...nodes.values()].flatMap(({ members }) => members);
}

/** A node by its code. Throws for one that is not there. */
export function nodeOf({ nodes }: Pick<Stage, 'nodes'>, code: NodeCode): ChaosNode {
  const node = nodes.get(code);
  if (!node) throw new Error(`There is no node ${code}.`);
  return node;
}
