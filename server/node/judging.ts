import type { CatalogShelf } from '../catalog/shelf.js';
import type { Config } from '../config.js';
import type { NodeContext } from '../domain/decision/decision.js';
import { civilDateIn } from '../domain/identifiers/civil-date.js';
import type { ChannelRoute } from '../domain/registration/channel-route.js';
import type { ValidationContext } from '../domain/validation/validator.js';
import type { DaysOff } from '../reference/holidays.js';
import type { Reference } from '../reference/load-reference.js';
import { NATIONAL_NODE } from '../reference/nodes.js';
import { createFacts } from '../reference/validation-facts.js';

/** What rules may know, at the moment of asking. */
export interface Judging {
  readonly context: () => NodeContext;
  readonly validation: () => ValidationContext;
}

/**
 * The node's view of the world at a moment, for decisions and for validation. `channelRoutes`: ways
 * out for packages; empty: departments fetch.
 */
export function judging(
  config: Config,
  shelf: CatalogShelf,
  reference: Reference,
  calendar: DaysOff,
  channelRoutes: readonly ChannelRoute[],
): Judging {
  const facts = createFacts(reference, calendar);
  const { node, level, channels, pilotEverywhere, strictOrgCode } = config;
  return {
    context: () => ({
      node,
      level,
      channels,
      channelRoutes,
      nationalNode: NATIONAL_NODE,
      nowMs: Date.now(),
      catalogOn: (date) => shelf.current().on(date),
      homeNodeOf: (regOrg, domDistrict) =>
        regOrg === NATIONAL_NODE ? facts.provinceOf(domDistrict) : facts.nodeOfRegOrg(regOrg),
      isHoliday: calendar.isHoliday,
    }),
    validation: () => {
      const nowMs = Date.now();
      return {
        node,
        level,
        nowMs,
        today: civilDateIn(nowMs),
        catalog: shelf.current(),
        facts,
        pilotEverywhere,
        strictOrgCode,
      };
    },
  };
}
