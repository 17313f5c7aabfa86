import type { Knex } from 'knex';
import { numbersOf } from '../intake/citations.js';
import { insertCitationRecalls } from '../storage/citations.js';
import {
  insertHiddenNumbers,
  licenceContents,
  listHiddenLicences,
} from '../storage/hidden-numbers.js';

/** Licences looked at in one transaction. */
const LICENCES = 2_000;

/**
 * Keeps the numbers of licences that were marked as not public by an earlier version of the program,
 * also by one that still runs beside this one (D5). Once after each start, in short transactions; what
 * is kept already changes nothing. At a province (`recall`) what cites them is called back, too.
 * `stopping`: asked between the transactions.
 */
export async function gatherNumbers(
  knex: Knex,
  recall: boolean,
  stopping: () => boolean,
): Promise<void> {
  let after: { ownerOrg: string; businessKey: string } | undefined = {
    ownerOrg: '',
    businessKey: '',
  };
  while (after && !stopping()) {
    const from: { ownerOrg: string; businessKey: string } = after;
    after = await knex.transaction(async (trx) => {
      const { last, hidden } = await listHiddenLicences(trx, from, LICENCES);
      const fresh = await insertHiddenNumbers(trx, numbersOf(await licenceContents(trx, hidden)));
      if (recall) await insertCitationRecalls(trx, fresh);
      return last;
    });
  }
}
