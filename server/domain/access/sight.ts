import type { Principal } from './principal.js';
import { prefixOf } from './region.js';
import { grantOf } from './table.js';

/** Which enterprises a caller may see; undefined: all. */
export interface Sight {
  /** What the code of the home node 归属节点 begins with, one of them. */
  readonly homes: readonly string[];
  /** What the code of the registration authority 登记机关 begins with, instead of `homes`. */
  readonly authorities: readonly string[];
  /** Of these only the ones that have, or had, one of these permit items; undefined: all. */
  readonly items: readonly string[] | undefined;
  /** And those that this department was told of (R30); empty: none. */
  readonly toldTo: string;
}

/** What of an enterprise decides who may see it. */
export interface EnterpriseFacts {
  readonly regOrg: string;
  readonly homeNode: string;
  readonly permitItems: readonly string[];
  /** Departments that were told of it, with the items. */
  readonly told: readonly { readonly code: string; readonly items: readonly string[] }[];
}

/**
 * What a caller may see of the enterprises by an RPC. A node sees its own, and the national one all
 * of them; everybody else what lies in its regions, and a department also those it was told of.
 */
export function sightOf({ role, code, scope }: Principal, rpc: string): Sight | undefined {
  const grant = grantOf(role, rpc);
  if (grant === 'any') return undefined;
  if (grant !== 'region') return { homes: [], authorities: [], items: [], toldTo: '' };
  if (role === 'node')
    return { homes: [prefixOf(code)], authorities: [], items: undefined, toldTo: '' };
  const regions = scope.regions === 'all' ? [''] : scope.regions.map(prefixOf);
  return {
    homes: regions,
    authorities: regions,
    items: scope.permitItems === 'all' ? undefined : scope.permitItems,
    toldTo: role === 'department' ? code : '',
  };
}

/** Which enterprises a node publishes: a province its own, the national node all (R17, R38, R41). */
export function publishedBy(node: string, level: 'national' | 'provincial'): Sight | undefined {
  if (level === 'national') return undefined;
  return { homes: [node], authorities: [], items: undefined, toldTo: '' };
}

/** Whether an enterprise is in sight. */
export function isInSight(sight: Sight | undefined, enterprise: EnterpriseFacts): boolean {
  if (!sight) return true;
  const { told, homeNode, regOrg, permitItems } = enterprise;
  if (sight.toldTo !== '' && told.some(({ code }) => code === sight.toldTo)) return true;
  const here =
    sight.homes.some((start) => homeNode.startsWith(start)) ||
    sight.authorities.some((start) => regOrg.startsWith(start));
  const { items } = sight;
  const known = [...permitItems, ...told.flatMap((one) => one.items)];
  return here && (items === undefined || known.some((item) => items.includes(item)));
}

/** What of a message decides who may follow it. */
export interface MessageFacts {
  readonly sourceNode: string;
  /** `client`, or the node that it came from. */
  readonly origin: string;
  /** Organisation that sent it; empty once withdrawn. */
  readonly sourceOrg: string;
  /** Deciding authority; for a registration the source node. */
  readonly ownerOrg: string;
  /** Nodes to which it was really sent. */
  readonly sentTo: readonly string[];
  /** Nothing of its record may go up from here now: other nodes learn nothing of it, not even its life (R55, D7). */
  readonly hidden: boolean;
}

/** Whether a caller had to do with a message. What was held back from a node is nothing to it (R55). */
export function isParty(principal: Principal, rpc: string, message: MessageFacts): boolean {
  const grant = grantOf(principal.role, rpc);
  if (grant !== 'party') return grant === 'any';
  const { role, code, scope } = principal;
  if (code === '') return false;
  if (role === 'node') {
    if (message.sourceNode === code) return true;
    return !message.hidden && [message.origin, ...message.sentTo].includes(code);
  }
  const own = [code, ...scope.actsFor];
  return own.includes(message.sourceOrg) || own.includes(message.ownerOrg);
}

/**
 * Whether a caller may see what tells of a message's content: its digest, by which content can be found
 * out by trying, and the warnings about it. Another node knows the message by what was sent to it, which
 * may be a copy without what is not public (D5); all that it needs beside is the life line.
 */
export function maySeeDigest({ role, code }: Principal, message: MessageFacts): boolean {
  return role !== 'node' || message.sourceNode === code;
}

/**
 * Whether a caller may see what persons of this node typed about a message, names and reasons, and what far
 * nodes said when they refused it. Another node is told what happened, when and by which rule: words may
 * hold anything, and no rule decides about them before they leave (R55).
 */
export function maySeeWords({ role }: Principal): boolean {
  return role !== 'node';
}
