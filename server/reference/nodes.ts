/** The data centre of the State Administration for Market Regulation (总局数据中心). */
export const NATIONAL_NODE = '100000';

/** A data centre of the exchange: the national one or a provincial one (R2). */
export interface HubNode {
  /** Six digits: 100000, a GB/T 2260 province code, or 660000. */
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly level: 'NATIONAL' | 'PROVINCIAL';
  /** Leading digits of the codes that belong to this node; the longest one that fits decides. */
  readonly prefixes: readonly string[];
  /** The node in whose districts its enterprises may have their domicile. Unset: in its own only. */
  readonly within?: string;
}

function province(prefix: string, nameZh: string, nameEn: string): HubNode {
  return Object.freeze({
    code: `${prefix}0000`,
    nameZh,
    nameEn,
    level: 'PROVINCIAL',
    prefixes: Object.freeze([prefix]),
  });
}

/**
 * The 32 addressees of the pilot notice and the national data centre (D11).
 *
 * The first two digits do not decide alone. 新疆生产建设兵团 runs registration offices of its own: they
 * use REGORG codes that begin with 66, which no GB/T 2260 province has, or they carry the GB/T 2260
 * code of one of the 兵团 cities (6590.., 石河子 and the ones after it), which begins with 65 as
 * 新疆 itself does. Hence prefixes of different length, and the longest wins. That 6590.. belongs to
 * the 兵团 is an inference and no official table says so; change it here and nowhere else.
 * 100000 is a whole code and not a prefix of two digits, because 10 is no province.
 */
export const HUB_NODES: readonly HubNode[] = Object.freeze([
  Object.freeze<HubNode>({
    code: NATIONAL_NODE,
    nameZh: '国家市场监督管理总局',
    nameEn: 'State Administration for Market Regulation',
    level: 'NATIONAL',
    prefixes: Object.freeze([NATIONAL_NODE]),
  }),
  province('11', '北京市', 'Beijing'),
  province('12', '天津市', 'Tianjin'),
  province('13', '河北省', 'Hebei'),
  province('14', '山西省', 'Shanxi'),
  province('15', '内蒙古自治区', 'Inner Mongolia'),
  province('21', '辽宁省', 'Liaoning'),
  province('22', '吉林省', 'Jilin'),
  province('23', '黑龙江省', 'Heilongjiang'),
  province('31', '上海市', 'Shanghai'),
  province('32', '江苏省', 'Jiangsu'),
  province('33', '浙江省', 'Zhejiang'),
  province('34', '安徽省', 'Anhui'),
  province('35', '福建省', 'Fujian'),
  province('36', '江西省', 'Jiangxi'),
  province('37', '山东省', 'Shandong'),
  province('41', '河南省', 'Henan'),
  province('42', '湖北省', 'Hubei'),
  province('43', '湖南省', 'Hunan'),
  province('44', '广东省', 'Guangdong'),
  province('45', '广西壮族自治区', 'Guangxi'),
  province('46', '海南省', 'Hainan'),
  province('50', '重庆市', 'Chongqing'),
  province('51', '四川省', 'Sichuan'),
  province('52', '贵州省', 'Guizhou'),
  province('53', '云南省', 'Yunnan'),
  province('54', '西藏自治区', 'Tibet'),
  province('61', '陕西省', 'Shaanxi'),
  province('62', '甘肃省', 'Gansu'),
  province('63', '青海省', 'Qinghai'),
  province('64', '宁夏回族自治区', 'Ningxia'),
  province('65', '新疆维吾尔自治区', 'Xinjiang'),
  Object.freeze<HubNode>({
    code: '660000',
    nameZh: '新疆生产建设兵团',
    nameEn: 'Xinjiang Production and Construction Corps',
    level: 'PROVINCIAL',
    prefixes: Object.freeze(['66', '6590']),
    within: '650000',
  }),
]);

const NODES_BY_PREFIX = new Map(
  HUB_NODES.flatMap((node) => node.prefixes.map((prefix) => [prefix, node] as const)),
);
const LONGEST_PREFIX = Math.max(...[...NODES_BY_PREFIX.keys()].map((prefix) => prefix.length));

/**
 * The node whose registration authority carries this REGORG code (6 digits or longer), by longest
 * prefix (D11). `undefined` when no node fits, also for Hong Kong, Macao and Taiwan. For 100000 the
 * answer is the national node: the caller then goes by DOMDISTRICT (D4).
 */
export function nodeOfRegOrg(regOrg: string): HubNode | undefined {
  for (let length = Math.min(LONGEST_PREFIX, regOrg.length); length > 0; length -= 1) {
    const node = NODES_BY_PREFIX.get(regOrg.slice(0, length));
    if (node) return node;
  }
  return undefined;
}
