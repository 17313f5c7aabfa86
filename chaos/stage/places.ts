/** Six-digit codes of the three nodes: 总局, 浙江, 广东. */
export const NATIONAL = '100000';
export const ZHEJIANG = '330000';
export const GUANGDONG = '440000';

export type NodeCode = typeof NATIONAL | typeof ZHEJIANG | typeof GUANGDONG;
export type Province = Exclude<NodeCode, typeof NATIONAL>;

export const PROVINCES: readonly Province[] = [ZHEJIANG, GUANGDONG];
export const NODES: readonly NodeCode[] = [NATIONAL, ...PROVINCES];
