import { DEMAND, workingDay } from './demand.js';
import { simulate, type Course } from './simulate.js';

/** What one message costs, as `npm run bench -- --only batch_delivered_ratio` shows it. */
export interface Costs {
  /** Microseconds of processor time of a province's processes: accept, route, deliver. */
  readonly provinceUs: number;
  /** Of the national node's: accept, judge, publish. */
  readonly nationalUs: number;
  /** Of PostgreSQL under both together; taken whole for each, as the parts are not measured. */
  readonly databaseUs: number;
  /** Bytes that PostgreSQL keeps at the national node, with indexes, audit and libraries. */
  readonly nationalBytes: number;
}

/** Of a core; what is above is for the hours in which something else goes wrong. */
const FILLED_TO = 0.6;

/** Whole cores that a rate needs. */
export function coresFor(perSecond: number, microseconds: number): number {
  return Math.ceil((perSecond * microseconds) / 1e6 / FILLED_TO);
}

/** A line of the plan. */
export interface Need {
  readonly what: string;
  readonly perSecond: number;
  /** Hub processes: one core each, as JavaScript has one thread. */
  readonly processes: number;
  readonly databaseCores: number;
}

/** Processes and cores for the rates that are asked for. */
export function needs(costs: Costs): Need[] {
  const need = (what: string, perSecond: number, microseconds: number): Need => ({
    what,
    perSecond,
    processes: coresFor(perSecond, microseconds),
    databaseCores: coresFor(perSecond, costs.databaseUs),
  });
  const replay = DEMAND.outageMessages / DEMAND.outageReplaySeconds;
  return [
    need('总局 常态 · national, sustained', DEMAND.nationalSustained, costs.nationalUs),
    need('总局 峰值 · national, burst', DEMAND.nationalBurst, costs.nationalUs),
    need('最大省份 常态 · largest province, sustained', DEMAND.provinceSustained, costs.provinceUs),
    need('最大省份 峰值 · largest province, burst', DEMAND.provinceBurst, costs.provinceUs),
    need(
      '最大省份 停机一天后一小时补发,业务照常 · its day of outage within an hour, live traffic going on',
      replay + DEMAND.provinceSustained,
      costs.provinceUs,
    ),
  ];
}

/** A day that was simulated. */
export interface Day {
  readonly what: string;
  readonly capacity: number;
  readonly course: Course;
}

/** Days as they would go with so many processes: what waits, for how long, and when it is gone. */
export function days(costs: Costs, processes: { national: number; province: number }): Day[] {
  const rate = (count: number, microseconds: number): number => (count * 1e6) / microseconds;
  const national = rate(processes.national, costs.nationalUs);
  const province = rate(processes.province, costs.provinceUs);
  return [
    {
      what: '总局 一个工作日,每小时十分钟峰值 · national, a working day, ten minutes of burst an hour',
      capacity: national,
      course: simulate(workingDay(DEMAND.nationalSustained, DEMAND.nationalBurst), national),
    },
    {
      what: '最大省份 停机一天之后 · largest province after a day of outage',
      capacity: province,
      course: simulate(
        workingDay(DEMAND.provinceSustained, DEMAND.provinceBurst),
        province,
        DEMAND.outageMessages,
      ),
    },
  ];
}

/** Terabytes that a year adds at the national node. */
export function terabytesPerYear({ nationalBytes }: Costs): number {
  return (DEMAND.messagesPerYear * nationalBytes) / 1e12;
}

/** Hours in which so many processes load every enterprise of the nation, PostgreSQL keeping up. */
export function initialLoadHours({ nationalUs }: Costs, processes: number): number {
  return (DEMAND.enterprises * nationalUs) / 1e6 / processes / 3_600;
}
