import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import {
  EventType,
  type PermitItemRef,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { CatalogView } from '../catalog/view.js';
import type { DepartmentFacts, RoutingFacts } from '../routing/facts.js';
import { routeDepartment } from '../routing/route.js';
import type { RoutingRow } from '../routing/table.js';
import type { ToldDepartment } from './enterprise.js';

/** One item because of which a department is told, and the row that says so. */
export interface ToldItem {
  readonly ref: PermitItemRef;
  readonly reformMode: ReformMode;
  readonly removed: boolean;
  readonly row: RoutingRow;
  /** 备案日期 of the filing that this event brings the department (R11). Unset: it brings none. */
  readonly filedOn: string | undefined;
}

/** A department that an event reaches. */
export interface ReachedDepartment {
  readonly code: string;
  readonly name: string;
  readonly items: readonly ToldItem[];
}

/** Everybody whom an event concerns, whichever node serves them. */
export interface DepartmentPlan {
  /** Served by this node: each gets a package of its own (R26). */
  readonly reached: readonly ReachedDepartment[];
  /** Node codes of other provinces that serve a department of the event (D2). */
  readonly partnerNodes: readonly string[];
  /** Who knows the enterprise afterwards (R30). */
  readonly told: readonly ToldDepartment[];
}

const modeFacts: Readonly<Record<ReformMode, DepartmentFacts['reformMode']>> = {
  // An item that is no longer in the catalogue is treated like one that still needs approval.
  [ReformMode.UNSPECIFIED]: 'optimised',
  [ReformMode.CANCELLED]: 'cancelled',
  [ReformMode.FILING]: 'filing',
  [ReformMode.COMMITMENT]: 'commitment',
  [ReformMode.OPTIMISED]: 'optimised',
};

/** 吊销未注销, 吊销已注销, 注销 and 撤销 of `reg_state`. */
const ENDED_STATES: ReadonlySet<string> = new Set(['2', '3', '4', '5']);

interface Setting {
  readonly node: string;
  readonly catalog: CatalogView | undefined;
  readonly facts: RoutingFacts;
}

function modeOf(setting: Setting, itemCode: string): ReformMode {
  return setting.catalog?.item(itemCode)?.reformMode ?? ReformMode.UNSPECIFIED;
}

/** Node that serves an authority: stated in the catalogue, else the enterprise's own province (D2). */
function servingNode(
  setting: Setting,
  event: RegistrationEvent,
  itemCode: string,
  deptCode: string,
  homeNode: string,
): string {
  const item = setting.catalog?.item(itemCode);
  if (!item) return homeNode;
  const authority = setting.catalog
    ?.authoritiesOf(item, event.domDistrict)
    .find((candidate) => candidate.orgCode === deptCode);
  return authority?.orgNode || homeNode;
}

/** Whether an event ends the enterprise: cancelled, or by its 登记状态 revoked or annulled (R30). */
export function endsEnterprise({ eventType, regState }: RegistrationEvent): boolean {
  return eventType === EventType.CANCEL || ENDED_STATES.has(regState);
}

function toldItem(
  setting: Setting,
  ref: PermitItemRef,
  removed: boolean,
  here: boolean,
): Omit<ToldItem, 'filedOn'> {
  const reformMode = modeOf(setting, ref.permitItemCode);
  const row = routeDepartment({
    ...setting.facts,
    reformMode: modeFacts[reformMode],
    item: removed ? 'removed' : 'present',
    department: here ? 'here' : 'elsewhere',
  });
  return { ref, reformMode, removed, row };
}

/** The province that keeps an enterprise, now and until this event, and what it states. */
interface Homes {
  readonly homeNode: string;
  /** Unset: the enterprise was not known. */
  readonly formerHome: string | undefined;
  /** 核准日期 by permit item, of the event since which it is stated. */
  readonly itemsSince: Readonly<Record<string, string>>;
}

/**
 * Who is told of an event: the departments of its items, and every department that knew the
 * enterprise before, also for an item that the event no longer has (R30, D9). Those stay with the
 * node that told them, wherever the enterprise moves.
 */
export function planDepartments(
  event: RegistrationEvent,
  before: readonly ToldDepartment[],
  setting: Setting & Homes,
): DepartmentPlan {
  const departments = new Map<string, { name: string; node: string; items: ToldItem[] }>();
  const partners = new Set<string>();
  const told = new Map(before.map((one) => [one.code, one]));
  const servedBy = (code: string, permitItemCode: string): string => {
    const known = told.get(code);
    if (known?.node) return known.node;
    const home = known ? (setting.formerHome ?? setting.homeNode) : setting.homeNode;
    return servingNode(setting, event, permitItemCode, code, home);
  };
  // An item is filed once: with the event that brings it, or corrects that one, and with the first that
  // brings it to this department. Later events, and the end of the enterprise, file nothing (R11, D9).
  const filedOn = (code: string, item: Omit<ToldItem, 'filedOn'>): string | undefined => {
    const { permitItemCode } = item.ref;
    const isFiling = item.reformMode === ReformMode.FILING && !item.removed;
    if (!isFiling || endsEnterprise(event)) return undefined;
    const since = setting.itemsSince[permitItemCode] ?? event.apprDate;
    const knows = told.get(code)?.items.includes(permitItemCode) ?? false;
    return knows && since !== event.apprDate ? undefined : since;
  };
  const add = (ref: PermitItemRef, removed: boolean): void => {
    const { permitItemCode, receivingDeptCode: code, receivingDeptName: name } = ref;
    const serving = servedBy(code, permitItemCode);
    if (serving !== setting.homeNode) partners.add(serving);
    const item = toldItem(setting, ref, removed, serving === setting.node);
    const department = departments.get(code) ?? { name, node: serving, items: [] };
    department.items.push({ ...item, filedOn: filedOn(code, item) });
    departments.set(code, department);
  };

  for (const ref of event.permitItems) add(ref, false);
  const present = new Set(
    event.permitItems.map((ref) => `${ref.receivingDeptCode}/${ref.permitItemCode}`),
  );
  for (const { code, name, items, reassigned } of before)
    for (const permitItemCode of items) {
      if (present.has(`${code}/${permitItemCode}`)) continue;
      const kept =
        reassigned && event.permitItems.find((ref) => ref.permitItemCode === permitItemCode);
      if (kept) add({ ...kept, receivingDeptCode: code, receivingDeptName: name }, false);
      else add(removedRef(setting, code, name, permitItemCode), true);
    }

  const all = [...departments].map(([code, department]) => ({ code, ...department }));
  return {
    reached: all
      .map(({ code, name, items }) => ({
        ...{ code, name },
        items: items.filter((item) => item.row.outcome === 'send'),
      }))
      .filter((department) => department.items.length > 0),
    partnerNodes: [...partners].filter((node) => node !== setting.node),
    told: all.map(({ code, name, node, items }) => ({
      code,
      name,
      node,
      // A department told once hears of every later event, even of one without its items.
      items: items.map((item) => item.ref.permitItemCode),
      ...(told.get(code)?.reassigned && { reassigned: true }),
    })),
  };
}

function removedRef(
  setting: Setting,
  receivingDeptCode: string,
  receivingDeptName: string,
  permitItemCode: string,
): PermitItemRef {
  return {
    $typeName: 'zhengzhao.v1.PermitItemRef',
    permitItemCode,
    permitItemName: setting.catalog?.item(permitItemCode)?.name ?? '',
    receivingDeptCode,
    receivingDeptName,
    scopeEntryCodes: [],
  };
}
