import type { Knex } from 'knex';
import { numbersOf } from '../intake/citations.js';
import { insertCitationRecalls } from '../storage/citations.js';
import {
  insertHiddenNumbers,
  licenceContents,
  listHiddenLicences,
  type LicenceKey,
} from '../storage/hidden-numbers.js';

/** Licences looked at in one transaction. */
const LICENCES = 500;

/** Goes through the licences that are not public, once. */
export interface Gathering {
  /**
   * Goes on to the end; after it does nothing. Where it failed, or was stopped, the next call goes
   * on. `stopping`: asked between the transactions.
   */
  run(stopping: () => boolean): Promise<void>;
}

/**
 * Keeps the numbers of licences that were marked as not public by an earlier version of the program,
 * also by one that still runs beside this one (D5). Once after each start, in short transactions; what
 * is kept already changes nothing. At a province (`recall`) what cites them is called back, too.
 * `licences`: looked at in one transaction.
 */
export function createGathering(knex: Knex, recall: boolean, licences = LICENCES): Gathering {
  let after: LicenceKey | undefined = { ownerOrg: '', businessKey: '' };
  return {
    async run(stopping) {
      while (after && !stopping()) {
        const from: LicenceKey = after;
        after = await knex.transaction(async (trx) => {
          const hidden = await listHiddenLicences(trx, from, licences);
          const contents = await licenceContents(trx, hidden);
          const fresh = await insertHiddenNumbers(trx, numbersOf(contents));
          if (recall) await insertCitationRecalls(trx, fresh);
          return hidden.at(-1);
        });
      }
    },
  };
}
