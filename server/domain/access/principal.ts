import type { Bilingual } from '../errors.js';

/**
 * What a caller is. One caller has one role; an organisation that is two things has a certificate or
 * a token for each.
 */
export type Role =
  /** 节点: another node of the hub; its code is its node code (R18, R52). */
  | 'node'
  /** 登记系统: reports registrations of its region (R30). */
  | 'registry'
  /** 部门: decides on permits, filings, inspections, penalties; fetches its packages (R26). */
  | 'department'
  /** 业务系统: reads what is shared with it (R35, R47). */
  | 'business'
  /** 运维: looks after the node. */
  | 'administrator'
  /** 公众: anybody; sees what is published. */
  | 'public'
  /** 试用: anybody on the same machine while the node is tried out; may do everything. */
  | 'trial'
  /** 未认证: nobody said who calls. */
  | 'nobody';

/** What the roles are called. */
export const ROLE_NAMES: Readonly<Record<Role, Bilingual>> = {
  node: { zh: '节点', en: 'node' },
  registry: { zh: '登记系统', en: 'registry' },
  department: { zh: '部门', en: 'department' },
  business: { zh: '业务系统', en: 'business system' },
  administrator: { zh: '运维', en: 'administrator' },
  public: { zh: '公众', en: 'public' },
  trial: { zh: '试用', en: 'trial' },
  nobody: { zh: '未认证', en: 'nobody' },
};

/** Which data a caller has to do with, beside what carries its own code. */
export interface Scope {
  /** Six-digit region codes; a province or city stands for everything in it. */
  readonly regions: 'all' | readonly string[];
  /** Permit items whose enterprises it may see. */
  readonly permitItems: 'all' | readonly string[];
  /** Authorities for which it is the declared data source unit 数据来源单位 (VR23, D5). */
  readonly actsFor: readonly string[];
}

/** Who calls, as it was proved; made by the guard, never from what a request says of itself. */
export interface Principal {
  readonly role: Role;
  /** Node code, code of the organisation or of the business system, or an administrator's name. Empty when anonymous. */
  readonly code: string;
  readonly scope: Scope;
}

/** No limit. */
export const EVERYTHING: Scope = { regions: 'all', permitItems: 'all', actsFor: [] };

/** Sees no region and no item. */
export const NOTHING: Scope = { regions: [], permitItems: [], actsFor: [] };

/** Somebody who did not say who it is. */
export function anonymous(role: Role): Principal {
  return { role, code: '', scope: role === 'trial' ? EVERYTHING : NOTHING };
}

/** What a call has before the guard looked at it, and after, when nothing proves who calls. */
export const NOBODY: Principal = anonymous('nobody');

/** Name for logs, the audit and limits, such as `department:330000000M660`; holds no secret. */
export function principalName({ role, code }: Principal): string {
  return code === '' ? role : `${role}:${code}`;
}
