import { MessageKind, ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { ExpectedPackages } from './expected-packages.js';
import { Figures, kindName, nodeFigure, type IntakeFigure } from './figures.js';
import { NATIONAL, type NodeCode, type Province } from './nodes.js';
import type { ExpectedRefusal, PlannedChange, PlannedRecord, PlannedRegistration } from './plan.js';

/** How the plan words each reform mode as a rule for telling a department (R9, R11, R12, R15). */
const DEPARTMENT_RULES: Readonly<Record<ReformMode, string>> = {
  [ReformMode.UNSPECIFIED]: 'DEPT-OPTIMISED',
  [ReformMode.CANCELLED]: 'DEPT-CANCELLED',
  [ReformMode.FILING]: 'DEPT-FILING',
  [ReformMode.COMMITMENT]: 'DEPT-COMMITMENT',
  [ReformMode.OPTIMISED]: 'DEPT-OPTIMISED',
};

/**
 * The figures that the nodes must show, worked out from what was sent and the plan's clauses alone.
 * Nothing here asks the hub's routing or decisions.
 */
export class Expectations {
  readonly figures = new Figures();
  readonly packages = new ExpectedPackages(this.figures);
  /** Items by department, per enterprise: who was told what (R30). */
  readonly #told = new Map<string, Map<string, Set<string>>>();
  /** Enterprises that are registered, by node and code: the current event of each is published. */
  readonly #registered = new Set<string>();

  registration(plan: PlannedRegistration): void {
    if (plan.refusal) {
      this.#refusal(plan.at, plan.refusal);
      return;
    }
    const kind = MessageKind.REGISTRATION;
    this.#in(plan.at, kind, 'client', 'accepted');
    this.#in(NATIONAL, kind, plan.at, 'accepted');
    this.#carry(plan.at, NATIONAL, kind, 'UP-REGISTRATION');
    // A later event of the enterprise takes the place of the one that was published.
    if (!this.#registered.has(plan.event.uscc)) {
      this.#registered.add(plan.event.uscc);
      this.#in(plan.at, kind, 'client', 'published');
      this.#in(NATIONAL, kind, plan.at, 'published');
    }
    this.#packages(plan);
  }

  /** One package for every department of the event, and for those that knew the enterprise (D9). */
  #packages({ at, event, items }: PlannedRegistration): void {
    const told = this.#told.get(event.uscc) ?? new Map<string, Set<string>>();
    const rules = new Map<string, string[]>();
    for (const { code, mode, departments } of items)
      for (const department of departments) {
        pushTo(rules, department.code, DEPARTMENT_RULES[mode]);
        told.set(department.code, (told.get(department.code) ?? new Set()).add(code));
      }
    const stated = new Set(
      items.flatMap(({ code, departments }) => departments.map((one) => `${one.code}/${code}`)),
    );
    for (const [department, codes] of told)
      for (const code of codes)
        if (!stated.has(`${department}/${code}`)) pushTo(rules, department, 'DEPT-REMOVED');
    this.#told.set(event.uscc, told);
    for (const [department, chosen] of rules) {
      const mine = items.filter(({ departments }) =>
        departments.some(({ code }) => code === department),
      );
      this.packages.add({
        at,
        department,
        uscc: event.uscc,
        rule: [...new Set(chosen)].join(', '),
        items: mine.length,
      });
    }
  }

  record(plan: PlannedRecord): void {
    if (plan.refusal) this.#refusal(plan.at, plan.refusal);
    else if (plan.at === NATIONAL) this.#fromNational(plan);
    else if (plan.at === plan.home) this.#fromHome(plan, plan.home);
    else this.#fromOtherProvince(plan, plan.at);
  }

  /** Attributed and published at home, then up and published (R28, R41). */
  #fromHome(plan: PlannedRecord, home: Province): void {
    this.#in(home, plan.kind, 'client', 'accepted');
    if (!this.#named(plan, 'client')) return;
    switch (plan.publicity) {
      case 'non-public':
        this.#heldBack(home, plan.kind);
        break;
      case 'public':
        this.#carry(home, NATIONAL, plan.kind, 'UP-NAMED');
        break;
      case 'marked later':
        this.#carry(home, NATIONAL, plan.kind, 'UP-NAMED');
        this.#withdrawn(plan, home);
        break;
      case 'marked and cleared':
        this.#carry(home, NATIONAL, plan.kind, 'UP-NAMED', 2);
        this.#withdrawn(plan, home);
        break;
    }
    if (plan.publicity !== 'non-public') this.#in(NATIONAL, plan.kind, home, 'accepted');
    if (isPublicInTheEnd(plan)) this.#publishedAtTheTop(plan, home);
  }

  /** A content-free withdrawal follows what went up; the mark keeps the record down (D7). */
  #withdrawn(plan: PlannedRecord, home: Province): void {
    this.#heldBack(home, plan.kind);
    this.#out(home, NATIONAL, plan.kind, 'WITHDRAW ACKNOWLEDGED', 'UP-HELD-BACK');
    this.#in(NATIONAL, MessageKind.PUBLICITY_CHANGE, home, 'accepted');
  }

  /** Down to the province, attributed there, up again named (R37, R29, R38). */
  #fromNational(plan: PlannedRecord): void {
    this.#in(NATIONAL, plan.kind, 'client', 'accepted');
    this.#carry(NATIONAL, plan.home, plan.kind, 'DOWN-HOME');
    this.#in(plan.home, plan.kind, NATIONAL, 'accepted');
    const named = this.#named(plan, NATIONAL);
    if (plan.publicity === 'non-public') {
      this.#in(NATIONAL, plan.kind, 'client', 'nonPublic');
      this.#heldBack(plan.home, plan.kind);
    } else if (named) {
      this.#carry(plan.home, NATIONAL, plan.kind, 'UP-NAMED-AFTER-DOWNLINK');
      this.#publishedAtTheTop(plan, 'client');
    }
  }

  /** Up, down, attributed, up: never from province to province (R52). */
  #fromOtherProvince(plan: PlannedRecord, at: Province): void {
    this.#in(at, plan.kind, 'client', 'accepted');
    if (plan.publicity === 'non-public') {
      this.#in(at, plan.kind, 'client', 'nonPublic');
      this.#heldBack(at, plan.kind);
      this.#waiting(at, plan.kind, 'client');
      return;
    }
    this.#carry(at, NATIONAL, plan.kind, 'UP-OTHER-REGION');
    this.#in(NATIONAL, plan.kind, at, 'accepted');
    this.#carry(NATIONAL, plan.home, plan.kind, 'DOWN-OTHER-REGION');
    this.#in(plan.home, plan.kind, NATIONAL, 'accepted');
    this.#named(plan, NATIONAL);
    this.#carry(plan.home, NATIONAL, plan.kind, 'UP-NAMED-AFTER-DOWNLINK');
    this.#publishedAtTheTop(plan, at);
  }

  /** What the province of the enterprise makes of a record; false when it stays unattributed. */
  #named({ kind, home, naming, publicity, ...plan }: PlannedRecord, origin: string): boolean {
    if (naming === 'never') this.#waiting(home, kind, origin);
    if (naming === 'never' || naming === 'sent back') return false;
    this.#in(home, kind, origin, 'named');
    const shown = isPublicInTheEnd({ publicity, ...plan });
    this.#in(home, kind, origin, shown ? 'published' : 'nonPublic');
    return true;
  }

  #publishedAtTheTop({ kind }: PlannedRecord, origin: string): void {
    this.#in(NATIONAL, kind, origin, 'named');
    this.#in(NATIONAL, kind, origin, 'published');
  }

  #waiting(node: NodeCode, kind: MessageKind, origin: string): void {
    this.#in(node, kind, origin, 'waiting');
    this.figures.add(nodeFigure(node, 'waiting for a person'));
  }

  change(plan: PlannedChange): void {
    if (plan.refusal) this.#refusal(plan.at, plan.refusal);
    else this.#in(plan.at, MessageKind.PUBLICITY_CHANGE, 'client', 'accepted');
  }

  /** A delivery that the national door refused (VR24). */
  refusedAtTheDoor(): void {
    this.#refusal(NATIONAL, { reason: 'NON_PUBLIC_UPWARD', rules: [], zh: '', en: '' });
  }

  #refusal(node: NodeCode, { reason: place, rules }: ExpectedRefusal): void {
    const common = { node, group: 'refused', kind: '', place, what: '' } as const;
    for (const rule of rules.length > 0 ? rules : ['']) this.figures.add({ ...common, rule });
  }

  #in(node: NodeCode, kind: MessageKind, origin: string, what: IntakeFigure): void {
    this.figures.add({ node, group: 'in', kind: kindName(kind), place: origin, what, rule: '' });
  }

  #carry(node: NodeCode, to: NodeCode, kind: MessageKind, rule: string, count = 1): void {
    this.#out(node, to, kind, 'CARRY ACKNOWLEDGED', rule, count);
  }

  #heldBack(node: NodeCode, kind: MessageKind): void {
    this.#out(node, NATIONAL, kind, 'CARRY HELD_BACK', 'UP-HELD-BACK');
  }

  #out(
    node: NodeCode,
    place: NodeCode,
    kind: MessageKind,
    what: string,
    rule: string,
    count = 1,
  ): void {
    this.figures.add({ node, group: 'out', kind: kindName(kind), place, what, rule }, count);
  }
}

/** Whether the public may see a record once everything has been sent. */
export function isPublicInTheEnd({ publicity }: Pick<PlannedRecord, 'publicity'>): boolean {
  return publicity === 'public' || publicity === 'marked and cleared';
}

function pushTo(lists: Map<string, string[]>, key: string, value: string): void {
  lists.set(key, [...(lists.get(key) ?? []), value]);
}
