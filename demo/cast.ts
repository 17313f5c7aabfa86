import { GUANGDONG, ZHEJIANG, type Network, type Province } from './nodes.js';
import type { Department, ImpliedItem, Subject } from './plan.js';
import { readEntries, resolve } from './scopes.js';
import { today } from './record-forms.js';
import { zoneOf } from './zones.js';

/** Who plays which part in the story, chosen from the enterprises and the catalogue. */
export interface Cast {
  /** Active enterprises with a scope, by province, without those that have a part of their own. */
  readonly zhejiang: readonly Subject[];
  readonly guangdong: readonly Subject[];
  /** Its life line is told in full. */
  readonly star: Subject;
  /** Was registered under another name before. */
  readonly renamed: Subject;
  /** Gives an item up, which its department still has to be told (D9). */
  readonly givesItemUp: Subject;
  /** Records about it come before its registration (R36). */
  readonly late: Subject;
  /** Is in a free-trade zone, where nobody is granted a licence for an abolished item (R9). */
  readonly inZone: Subject;
  /** Market regulation of each province. */
  readonly regulators: Readonly<Record<Province, Department>>;
  /** An item that 总局 itself decides, with 总局 (R34–R38). */
  readonly nationalItem: AuthorityItem;
  /** An item that another central department decides (R19). */
  readonly centralItem: AuthorityItem;
  /** An item whose approval was abolished (R9). */
  readonly abolishedItem: AuthorityItem;
  /** An item of mode 4 that provinces decide. */
  readonly provincialItem: ImpliedItem;
}

/** A permit item with the authority that decides it, or is told of it. */
export interface AuthorityItem {
  readonly item: Pick<ImpliedItem, 'code' | 'name'>;
  readonly by: Department;
}

/** 总局, as the catalogue names it. */
const SAMR = '国家市场监督管理总局';
const CUSTOMS = '海关总署';
const CATERING = '餐饮服务';

/** Fills the parts; fails when the sample or the catalogue has nobody for one. */
export async function chooseCast(network: Network, subjects: readonly Subject[]): Promise<Cast> {
  const active = subjects.filter(
    ({ status, event }) => !['注销', '吊销'].includes(status) && event.opScope !== '',
  );
  const zhejiang = active.filter(({ province }) => province === ZHEJIANG);
  const withItems = zhejiang.filter(({ items }) => items.length > 0);
  const [star, renamed, givesItemUp, late] = withItems.filter(({ event }) =>
    event.scopeEntryCodes.some((code) => code !== event.permitItems[0]?.scopeEntryCodes[0]),
  );
  if (!star || !renamed || !givesItemUp || !late)
    throw new Error('The sample has too few enterprises with permit items.');
  const guangdong = active.filter(({ province }) => province === GUANGDONG);
  const inZone = guangdong.find(zoneOf);
  if (!inZone) throw new Error('The sample has no enterprise in a free-trade zone.');
  const apart = new Set([star, renamed, givesItemUp, late]);
  return {
    zhejiang: zhejiang.filter((subject) => !apart.has(subject)),
    guangdong,
    star,
    renamed,
    givesItemUp,
    late,
    inZone,
    ...(await readAuthorities(network)),
  };
}

async function readAuthorities(network: Network) {
  const { items } = await network.national.catalog.listPermitItems({ pageSize: 1000 });
  const decidedBy = (name: string): AuthorityItem => {
    for (const { permitItemCode: code, name: itemName, licensingAuthorities } of items) {
      const authority = licensingAuthorities.find(({ orgName }) => orgName === name);
      if (authority)
        return { item: { code, name: itemName }, by: { code: authority.orgCode, name } };
    }
    throw new Error(`No item of the catalogue is decided by ${name}.`);
  };
  const zhejiang = await regulatorOf(network, ZHEJIANG);
  const guangdong = await regulatorOf(network, GUANGDONG);
  const abolished = items.find(({ reformMode }) => reformMode === 1);
  if (!abolished) throw new Error('The catalogue has no abolished item.');
  return {
    regulators: { [ZHEJIANG]: zhejiang.by, [GUANGDONG]: guangdong.by },
    provincialItem: zhejiang.item,
    nationalItem: decidedBy(SAMR),
    centralItem: decidedBy(CUSTOMS),
    abolishedItem: {
      item: { code: abolished.permitItemCode, name: abolished.name },
      by: zhejiang.by,
    },
  };
}

/** Who is told of catering in a province: its market regulation. */
async function regulatorOf(
  network: Network,
  province: Province,
): Promise<{ item: ImpliedItem; by: Department }> {
  const node = network.of(province);
  const code = (await readEntries(node)).get(CATERING) ?? '';
  const { items } = await resolve(node, province, [code], today());
  const [item] = items;
  const by = item?.departments[0];
  if (!by) throw new Error(`Nobody in ${province} is told of ${CATERING}.`);
  return { item, by };
}

/** The other province. */
export function otherProvince(province: Province): Province {
  return province === ZHEJIANG ? GUANGDONG : ZHEJIANG;
}
