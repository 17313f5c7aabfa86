import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { SetLevel, type PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { ResolveScopeResponse } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { HubClientError } from '../clients/hub-client-error.js';
import { loadReference } from '../server/reference/load-reference.js';
import { NATIONAL_NODE } from '../server/reference/nodes.js';
import { NotApplicable, type Services } from './check.js';

/** Where a made-up enterprise of the node's province has its domicile. */
export interface Place {
  /** 行政区划 of the county. */
  readonly district: string;
  /** The pilot zone that it is in. Unset: the province has none. */
  readonly zone: Zone | undefined;
}

/** A pilot free-trade zone and one of its areas. */
export interface Zone {
  readonly name: string;
  readonly area: string;
}

/** What may be said of the node beforehand. */
export interface SubjectOptions {
  /** Six-digit code of the node. Unset: it is asked. */
  readonly node?: string | undefined;
  /** County of the made-up enterprises. Unset: one of the province. */
  readonly district?: string | undefined;
  /** Milliseconds that a node has for what it does after accepting. Unset: 20 s. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 20_000;

/** Permit items that are tried until one has a department in the region. */
const TRIES = 30;
const PAGES = 100;

/** The node under test: which one it is, and what its own catalogue offers to try. */
export class Subject {
  /** Tells the test data of a run from all others: five digits. */
  readonly number: number;
  /** Milliseconds that the node has for what it does after accepting. */
  readonly patienceMs: number;
  readonly #services: Services;
  readonly #options: SubjectOptions;
  readonly #memory = new Map<string, Promise<unknown>>();

  constructor(services: Services, options: SubjectOptions, number: number) {
    this.#services = services;
    this.#options = options;
    this.number = number;
    this.patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** Its six-digit code. */
  node(): Promise<string> {
    return this.once('node', async () => this.#options.node ?? this.#askNode());
  }

  /** Throws NotApplicable when the node tells the caller nothing of itself. */
  async #askNode(): Promise<string> {
    const { node } = await this.#services.dataCenter.getCaller({}).catch(nobody);
    if (node !== '') return node;
    try {
      return (await this.#services.dataCenter.getNodeStatus({})).node;
    } catch (error) {
      if (!(error instanceof HubClientError) || error.reason !== 'NOT_PERMITTED') throw error;
      throw new NotApplicable({
        zh: '此令牌不能询问节点代码,请用 --node 给出。',
        en: 'This token may not ask the node for its code; name it with --node.',
      });
    }
  }

  /** Who sends the registrations of a county: the caller itself where it is a registration system. */
  registryOf(district: string): Promise<string> {
    return this.once('registry', async () => {
      const { role, code } = await this.#services.dataCenter.getCaller({}).catch(nobody);
      return role === 'registry' ? code : `TMP-${district}-90`;
    });
  }

  /** Where its enterprises are. Throws NotApplicable for the national node. */
  place(): Promise<Place> {
    return this.once('place', () => this.#findPlace());
  }

  async #findPlace(): Promise<Place> {
    const node = await this.node();
    if (node === NATIONAL_NODE)
      throw new NotApplicable({
        zh: '总局节点不受理登记。',
        en: 'The national node takes no registrations.',
      });
    const { freeTradeZones, regions } = loadReference();
    const zone = [...freeTradeZones.values()].find(({ province }) => province === node);
    const county = [...regions.values()].find(
      ({ code, level }) => level === 'COUNTY' && code.startsWith(node.slice(0, 2)),
    );
    const district = this.#options.district ?? county?.code;
    const area = zone?.areas[0];
    if (district === undefined)
      throw new NotApplicable({
        zh: '没有本省的区县,请用 --district 给出。',
        en: 'No county of it is known; name one by --district.',
      });
    return { district, zone: zone && area ? { name: zone.name, area: area.name } : undefined };
  }

  /** The pilot zone of its enterprises. Throws NotApplicable where there is none. */
  async zone(): Promise<Zone> {
    const { zone } = await this.place();
    if (zone) return zone;
    throw new NotApplicable({
      zh: '本省没有试点自贸试验区。',
      en: 'The province has no pilot free-trade zone.',
    });
  }

  /** All items of its catalogue. */
  items(): Promise<readonly PermitItem[]> {
    return this.once('items', () => this.#listItems());
  }

  async #listItems(): Promise<readonly PermitItem[]> {
    const items: PermitItem[] = [];
    let pageToken = '';
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await this.#services.scopeCatalog.listPermitItems({
        pageSize: 200,
        pageToken,
      });
      items.push(...answer.items);
      pageToken = answer.nextPageToken;
      if (pageToken === '') break;
    }
    return items;
  }

  /** What its catalogue makes of one central item of a reform mode that somebody is told of. */
  scopeOf(mode: ReformMode): Promise<{ item: PermitItem; scope: ResolveScopeResponse }> {
    return this.once(`scope-${mode}`, () => this.#findScope(mode));
  }

  async #findScope(mode: ReformMode): Promise<{ item: PermitItem; scope: ResolveScopeResponse }> {
    const { district, zone } = await this.place();
    const candidates = (await this.items())
      .filter(({ reformMode, setLevel }) => reformMode === mode && setLevel === SetLevel.CENTRAL)
      .slice(0, TRIES);
    for (const item of candidates) {
      const scope = await this.#services.scopeCatalog.resolveScope({
        regionCode: district,
        ftz: zone?.name ?? '',
        ftzArea: zone?.area ?? '',
        scopeEntryCodes: item.scopeEntryCodes.slice(0, 1),
      });
      const told = scope.items.every(({ receivingDepartments }) => receivingDepartments.length > 0);
      if (told && scope.items.some((one) => one.permitItemCode === item.permitItemCode))
        return { item, scope };
    }
    throw new NotApplicable({
      zh: `目录中没有在 ${district} 有接收部门的“${ReformMode[mode]}”中央事项。`,
      en: `The catalogue has no central item of mode ${ReformMode[mode]} with a department for ${district}.`,
    });
  }

  /** Does something once in a run; all who ask share the answer, or its failure. */
  once<T>(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#memory.get(name) as Promise<T> | undefined;
    if (known) return known;
    const answer = work();
    this.#memory.set(name, answer);
    return answer;
  }
}

/** The caller at a node that does not say whom it takes one for, as an earlier version. */
function nobody(error: unknown): { role: string; code: string; node: string } {
  if (error instanceof HubClientError) return { role: '', code: '', node: '' };
  throw error;
}
