import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGathering } from '../../server/delivery/gather-numbers.js';
import { validLicence, validRegistration } from '../support/builders.js';
import { openDataCenter, type TestDataCenter } from '../support/data-center.js';

const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };
const go = (): boolean => false;

let centre: TestDataCenter;
beforeEach(async () => {
  centre = await openDataCenter();
  await centre.register(validRegistration());
});
afterEach(() => centre.close());

const gathered = (): Promise<string[]> =>
  centre.knex('hidden_numbers').distinct().orderBy('business_key').pluck('business_key');

it('D5 gathering goes on where it failed, over licences that are not public alone', async () => {
  const { knex } = centre;
  for (const number of [1, 2, 3, 4])
    await centre.record(
      validLicence({ licNo: `JY333090270000${number}` }, { number, ...(number !== 2 && HIDDEN) }),
    );
  const kept = await gathered();
  expect(kept).toEqual(['LIC-1', 'LIC-3', 'LIC-4']);
  await knex('hidden_numbers').delete();
  await knex('citation_recalls').delete();
  await knex.raw(`alter table hidden_numbers
    add constraint full_disk check (business_key <> 'LIC-3')`);

  const gathering = createGathering(knex, true, 1);
  await expect(gathering.run(go)).rejects.toThrow('full_disk');
  expect(await gathered()).toEqual(['LIC-1']);
  await knex('hidden_numbers').delete();
  await knex.raw('alter table hidden_numbers drop constraint full_disk');
  await gathering.run(go);
  // The first one was not looked at again.
  expect(await gathered()).toEqual(['LIC-3', 'LIC-4']);
  const noted = await knex('citation_recalls')
    .distinct()
    .orderBy('business_key')
    .pluck('business_key');
  expect(noted).toEqual(kept);

  await knex('hidden_numbers').delete();
  await gathering.run(go);
  expect(await gathered()).toEqual([]);
  await createGathering(knex, false).run(go);
  expect(await gathered()).toEqual(kept);
});
