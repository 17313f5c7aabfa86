import { describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import {
  compareIds,
  differingSums,
  groupSlices,
  type SliceSum,
} from '../../server/domain/reconciliation.js';

function slice(number: number, count: number, digest = 'a', kind = MessageKind.LICENCE): SliceSum {
  return { date: '2019-12-20', kind, slice: number, count, digest };
}

describe('comparing two sides', () => {
  it('F21 finds the sums that differ, and those that one side alone has', () => {
    const ours = [slice(1, 5), slice(2, 5), slice(3, 5), slice(4, 5)];
    const theirs = [slice(1, 5), slice(2, 6), slice(3, 5, 'b'), slice(5, 1)];
    const found = differingSums(ours, theirs).map((pair) => [
      pair.of.slice,
      pair.ours?.count,
      pair.theirs?.count,
    ]);
    expect(found).toEqual([
      [2, 5, 6],
      [3, 5, 5],
      [4, 5, undefined],
      [5, undefined, 1],
    ]);
  });

  it('F21 compares the ids of slices in groups of bounded size, each slice once', () => {
    const slices = [
      slice(1, 40),
      slice(2, 50),
      slice(3, 20, 'a', MessageKind.PENALTY),
      slice(4, 500),
      slice(5, 1),
    ];
    expect(groupSlices(slices, 100)).toEqual([
      [{ date: '2019-12-20', kind: MessageKind.LICENCE, slices: [1, 2] }],
      [{ date: '2019-12-20', kind: MessageKind.PENALTY, slices: [3] }],
      [{ date: '2019-12-20', kind: MessageKind.LICENCE, slices: [4] }],
      [{ date: '2019-12-20', kind: MessageKind.LICENCE, slices: [5] }],
    ]);
    expect(groupSlices([], 100)).toEqual([]);
  });

  it('F21 tells what is missing on either side from what has other content', () => {
    const id = (messageId: string, digest = 'x') => ({ sourceNode: '330000', messageId, digest });
    const found = compareIds([id('1'), id('2'), id('3')], [id('2'), id('3', 'y'), id('4')]);
    expect(found.missingThere.map((one) => one.messageId)).toEqual(['1']);
    expect(found.missingHere.map((one) => one.messageId)).toEqual(['4']);
    expect(found.different.map((one) => one.messageId)).toEqual(['3']);
  });
});
