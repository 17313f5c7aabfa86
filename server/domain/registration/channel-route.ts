import { Channel } from '#gen/zhengzhao/v1/package_pb.js';

/** Stands for every department in a route's list. */
export const EVERY_DEPARTMENT = '*';

/** By this and its name a route stands among the destinations, beside nodes. */
export const PACKAGES_BY = 'packages/';

/** One configured way out of the node for packages (R10, R31). */
export interface ChannelRoute {
  /** Name that the province gave it; kept with every package that leaves by it. */
  readonly name: string;
  readonly channel: Channel;
  /** Codes of departments, or `*`. */
  readonly departments: readonly string[];
  /** False: departments fetch, and the route only says under which channel. */
  readonly push: boolean;
  /** The province decided that mode 4 need not leave by the national exchange here (R15). */
  readonly allowWithoutNationalExchange: boolean;
}

/** What a node knows of its ways out. */
export interface ChannelSetting {
  /** Channels of a department that no route names. */
  readonly channels: readonly Channel[];
  /** Unset: departments fetch, nothing is pushed. */
  readonly channelRoutes?: readonly ChannelRoute[];
}

/** How the packages of one department leave. */
export interface Departure {
  readonly channels: readonly Channel[];
  /** Names of the routes that push; a package has a dispatch of its own on each ("以及", R31). */
  readonly pushedBy: readonly string[];
}

function routesOf(routes: readonly ChannelRoute[], deptCode: string): readonly ChannelRoute[] {
  return routes.filter(
    ({ departments }) => departments.includes(deptCode) || departments.includes(EVERY_DEPARTMENT),
  );
}

/** By which channels the packages of a department leave (R10, R31). */
export function departureOf(setting: ChannelSetting, deptCode: string): Departure {
  const routes = routesOf(setting.channelRoutes ?? [], deptCode);
  if (routes.length === 0) return { channels: setting.channels, pushedBy: [] };
  return {
    channels: [...new Set(routes.map((route) => route.channel))],
    pushedBy: routes.filter((route) => route.push).map((route) => route.name),
  };
}

/**
 * Which rule lets items of mode 4 leave for a department (R15): `national exchange` is the plan's
 * own; `province's choice` is the explicit exception that R10 and R31 leave room for; `none` must
 * not be configured.
 */
export type OptimisedRule = 'national exchange' | "province's choice" | 'none';

/** The rule of R15 that applies to a department under these routes. */
export function optimisedRuleOf(routes: readonly ChannelRoute[], deptCode: string): OptimisedRule {
  const own = routesOf(routes, deptCode);
  if (own.some(({ channel }) => channel === Channel.NATIONAL_EXCHANGE)) return 'national exchange';
  return own.some((route) => route.allowWithoutNationalExchange) ? "province's choice" : 'none';
}

/**
 * The same for the departments that no route names; undefined when a route is for every one. Only a
 * route can say that the province chose otherwise.
 */
export function presetRuleOf({
  channels,
  channelRoutes = [],
}: ChannelSetting): OptimisedRule | undefined {
  if (channelRoutes.some(({ departments }) => departments.includes(EVERY_DEPARTMENT)))
    return undefined;
  return channels.includes(Channel.NATIONAL_EXCHANGE) ? 'national exchange' : 'none';
}
