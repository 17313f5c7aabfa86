import { inject } from 'vitest';
import type { ListSharedRegistrationsResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import { projectShared } from '../../server/share/project.js';
import { onboardSubscriber, type Scope } from '../../server/share/subscribers.js';
import { librariesHere } from '../../server/storage/library-names.js';
import { foodPermitItem, validRegistration } from '../support/builders.js';
import { openDataCenter, type TestDataCenter } from '../support/data-center.js';
import { dropLibraries, loginAs } from '../support/libraries.js';
import { eventually } from '../support/nodes.js';

/** 食品经营许可(仅销售预包装食品): a filing, of the same department. */
export const PACKAGED_FOOD = foodPermitItem({
  permitItemCode: 'PX-0041',
  permitItemName: '食品经营许可(仅销售预包装食品)',
  scopeEntryCodes: ['PA0196'],
});

/** An enterprise that has that item only. */
export function packagedFood(number: number): ReturnType<typeof validRegistration> {
  return validRegistration(
    { permitItems: [PACKAGED_FOOD], scopeEntryCodes: ['PA0196'] },
    { number },
  );
}

/** A business system with its own login. */
export interface Reader {
  readonly role: string;
  /** Rows of a statement, each as JSON. */
  read<Row>(statement: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A statement as it is. */
  run(statement: string): Promise<void>;
  close(): Promise<void>;
}

/** A data centre with its shared library. */
export interface TestShare {
  readonly centre: TestDataCenter;
  readonly share: string;
  /** Takes in what is there, until the library holds so many events. */
  catchUp(events: number): Promise<void>;
  /** Takes a business system on and logs in as it. */
  reader(code: string, scope: Scope): Promise<Reader>;
  /** Everything that ListSharedRegistrations has for a subscriber, until it is so much. */
  listAll(
    subscriber: string,
    count: number,
  ): Promise<ListSharedRegistrationsResponse['registrations']>;
  close(): Promise<void>;
}

export async function openShare(): Promise<TestShare> {
  const centre = await openDataCenter();
  const { knex } = centre;
  const names = await librariesHere(knex);
  const { share } = names;
  const readers: Reader[] = [];
  return {
    centre,
    share,
    catchUp: (events) =>
      // Transactions of other tests on the same server may hold the newest events back for a moment.
      eventually(async () => {
        await projectShared(knex, share);
        const found = await knex(`${share}.registration_feed`).count();
        if (Number(found[0]?.['count']) !== events)
          throw new Error(`${String(found[0]?.['count'])} events in the library`);
      }),
    reader: async (code, scope) => {
      const login = await onboardSubscriber(knex, share, code, scope, true);
      const client = await loginAs(inject('databaseUrl'), login);
      const reader: Reader = {
        role: login.role,
        read: async <Row>(statement: string, values: readonly unknown[] = []) => {
          const { rows } = await client.query<{ row: Row }>(
            `select to_jsonb(x) as row from (${statement}) as x`,
            [...values],
          );
          return rows.map(({ row }) => row);
        },
        run: async (statement) => {
          await client.query(statement);
        },
        close: () => client.end(),
      };
      readers.push(reader);
      return reader;
    },
    listAll: (subscriber, count) =>
      eventually(async () => {
        const { registrations, upToDate } = await centre.ask.listSharedRegistrations({
          subscriber,
          pageSize: 1000,
        });
        if (!upToDate || registrations.length < count)
          throw new Error(`${registrations.length} registrations`);
        return registrations;
      }),
    close: async () => {
      for (const reader of readers) await reader.close();
      await dropLibraries(knex, names);
      await centre.close();
    },
  };
}
