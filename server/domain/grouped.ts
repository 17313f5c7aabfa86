/** Values by their keys: keys in the order they first came, the values of each in the order they came. */
export function grouped<Key, Value>(
  pairs: Iterable<readonly [key: Key, value: Value]>,
): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
