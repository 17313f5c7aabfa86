import { NATIONAL, type Network } from './nodes.js';

/** What the two ends of a link hold in common (F21). */
export interface Reconciled {
  readonly link: string;
  readonly messages: number;
  readonly agrees: boolean;
}

/** 对账: both ends of each link count and digest what they exchanged; they must agree. */
export async function reconcile(
  network: Network,
  fromDate: string,
  toDate: string,
): Promise<Reconciled[]> {
  const links: Reconciled[] = [];
  for (const province of [network.zhejiang, network.guangdong]) {
    const days = { fromDate, toDate };
    const here = await province.dataCenter.reconcile({ peerNode: NATIONAL, ...days });
    const there = await network.national.dataCenter.reconcile({ peerNode: province.code, ...days });
    const line = ({ buckets }: typeof here): string =>
      buckets.map(({ date, kind, count, digest }) => [date, kind, count, digest].join()).join(';');
    links.push({
      link: `${province.code} ↔ ${NATIONAL}`,
      messages: here.buckets.reduce((sum, { count }) => sum + Number(count), 0),
      agrees: here.buckets.length > 0 && line(here) === line(there),
    });
  }
  return links;
}
