import type { DescMessage } from '@bufbuild/protobuf';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';

const SEGMENT = /^(\w+)(?:\[(\d+)\])?$/;
/** Behind every field: names that are none, such as a oneof. */
const BEHIND = Number.MAX_SAFE_INTEGER;

/**
 * Findings in the order of the fields as the contract lists them, list elements by index, a message
 * before its parts; findings of one field stay in the order they were made.
 */
export function inFieldOrder(findings: readonly Finding[], message: DescMessage): Finding[] {
  if (findings.length < 2) return [...findings];
  return findings
    .map((finding) => ({ finding, position: positionOf(finding.field, message) }))
    .sort((a, b) => comparePositions(a.position, b.position))
    .map(({ finding }) => finding);
}

/** Field number by field number down the path; a list element adds its index. */
function positionOf(path: string, message: DescMessage): readonly number[] {
  const position: number[] = [];
  let parent: DescMessage | undefined = message;
  for (const segment of path === '' ? [] : path.split('.')) {
    const [, name, index] = SEGMENT.exec(segment) ?? [];
    const place: number = parent?.fields.findIndex((field) => field.name === name) ?? -1;
    position.push(place < 0 ? BEHIND : place);
    if (index !== undefined) position.push(Number(index));
    parent = parent?.fields[place]?.message;
  }
  return position;
}

function comparePositions(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
