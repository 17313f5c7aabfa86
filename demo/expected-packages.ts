import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { FOLDER_DEPARTMENT, PUSH_DEPARTMENT } from './departments.js';
import {
  departmentFigure,
  kindName,
  nodeFigure,
  type DepartmentFigure,
  type Figures,
} from './figures.js';
import type { ChannelPlan } from './front-end.js';
import { ZHEJIANG, type NodeCode } from './nodes.js';

/** A package that a department must be given. */
export interface ExpectedPackage {
  readonly at: NodeCode;
  readonly department: string;
  readonly uscc: string;
  /** Rules that chose the department. */
  readonly rule: string;
  /** Permit items that it holds. */
  readonly items: number;
}

/** The packages that must be built (R26), and what the departments of the channels do with them. */
export class ExpectedPackages {
  readonly #byFolder: ExpectedPackage[] = [];
  #pushes = 0;

  constructor(private readonly figures: Figures) {}

  add(one: ExpectedPackage): void {
    this.#count(one, 'packages', 'messages');
    if (one.at === ZHEJIANG && one.department === FOLDER_DEPARTMENT.code) {
      this.#sentBy(one, FOLDER_DEPARTMENT.route);
      this.#byFolder.push(one);
    } else if (one.at === ZHEJIANG && one.department === PUSH_DEPARTMENT.code) {
      this.#sentBy(one, PUSH_DEPARTMENT.route);
      this.#pushes += 1;
      // The receipt number of the department's system completes the duty (R33).
      this.#ends(one, 'DEEMED_DELIVERED', 'deemedDelivered');
    } else this.#ends(one, 'BUILT');
  }

  /** What must leave by the channels; the package to be returned is the only one of its enterprise. */
  get plan(): ChannelPlan {
    const [returned] = this.#byFolder.filter(
      ({ uscc, items }) =>
        items > 0 && this.#byFolder.filter((other) => other.uscc === uscc).length === 1,
    );
    if (!returned || this.#pushes === 0)
      throw new Error('The sample has too few enterprises for the departments of the channels.');
    return {
      archives: this.#byFolder.length,
      pushes: this.#pushes,
      returnedUscc: returned.uscc,
    };
  }

  /** The front-end machine has them all; the department received all but the one it returned (F22). */
  receiptsRead({ returnedUscc }: ChannelPlan): void {
    for (const one of this.#byFolder) {
      if (one.uscc !== returnedUscc) {
        this.#ends(one, 'RECEIVED', 'deemedDelivered', 'received');
        continue;
      }
      this.#ends(one, 'RETURNED', 'deemedDelivered', 'returned');
      this.figures.add(nodeFigure(one.at, 'mapping defects'), one.items);
    }
  }

  #sentBy(one: ExpectedPackage, route: string): void {
    this.#count(one, 'sent');
    this.#out(one, `packages/${route}`, 'SENT', '');
  }

  #ends(one: ExpectedPackage, state: string, ...steps: readonly DepartmentFigure[]): void {
    this.#count(one, ...steps);
    this.#out(one, 'packages', state, one.rule);
  }

  #count({ at, department }: ExpectedPackage, ...figures: readonly DepartmentFigure[]): void {
    for (const what of figures) this.figures.add(departmentFigure(at, department, what));
  }

  #out({ at: node }: ExpectedPackage, place: string, what: string, rule: string): void {
    const kind = kindName(MessageKind.REGISTRATION);
    this.figures.add({ node, group: 'out', kind, place, what, rule });
  }
}
