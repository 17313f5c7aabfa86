/**
 * What the nation asks of the hub, in messages a second. The figures are the planning figures of the
 * project (public counts of 2018 to 2024 and estimates from them); none is official.
 */
export const DEMAND = {
  /** The national node: what it must carry all day, and for minutes. */
  nationalSustained: 1_000,
  nationalBurst: 3_000,
  /** The largest province has about a tenth of it all. */
  provinceSustained: 100,
  provinceBurst: 300,
  /** Messages that wait after a day without the largest province, and how soon they must have gone. */
  outageMessages: 650_000,
  outageReplaySeconds: 3_600,
  /** Registered market entities, loaded once. */
  enterprises: 190_000_000,
  /** Reported up in a year, of all classes. */
  messagesPerYear: 1_600_000_000,
  /** Hours of a working day in which all of it comes. */
  workingHours: 8,
} as const;

/** How much comes in the hours of a working day, as a multiple of the day's mean: mid-morning is the peak. */
const SHAPE_OF_DAY = [0.7, 1.5, 1.9, 1.1, 0.4, 0.9, 1.0, 0.5] as const;

/**
 * A working day in minutes: the sustained rate in the shape of a day, with ten minutes of the burst in
 * each hour, as when systems send what they gathered.
 */
export function workingDay(sustained: number, burst: number): number[] {
  return SHAPE_OF_DAY.flatMap((share) =>
    Array.from({ length: 60 }, (_, minute) => (minute < 10 ? burst : sustained * share)),
  );
}
