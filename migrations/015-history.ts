import type { Knex } from 'knex';

/**
 * Settled work of former months (server/domain/history/policy.ts says what moves when). A row is in the
 * hot table or in its history table, never in both: it moves in one statement. `all_…` is both.
 *
 * The parents have no partitions yet and get no default one: rows of before are moved by the node in
 * batches, and only a table without a default partition gives one up while others write
 * (`detach partition … concurrently`).
 *
 * Which statement reads what:
 *
 * - Only the hot table: all that looks for open work or dead letters (claims, the order within an
 *   enterprise, sweep, backlog, replay, metrics), because neither ever moves; and all that settles,
 *   because a delivery is settled while it is open. The checks below let PostgreSQL leave the history
 *   out by itself where a list asks for open or dead ones.
 * - Both: the life line, lists, reports, reconciliation, what a restored neighbour lost, when a link last
 *   worked, and above all where a record went that is called back (R55).
 * - Back from the history: what is opened again, and a package that a department touches again.
 *
 * A month that is detached is not seen any more. So that a record is called back from everywhere
 * all the same, `record_reach` keeps for good where the records of such months went.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table deliveries_history (
      like deliveries,
      primary key (id, settled_at),
      check (state in (2, 4))  -- acknowledged, held back
    ) partition by range (settled_at);
    create index on deliveries_history (message_seq);
    create index on deliveries_history (destination, id) where action = 2;  -- withdrawals
    create index on deliveries_history using brin (created_at) with (autosummarize = on);

    create table refusals_history (
      like refusals,
      primary key (id, at)
    ) partition by range (at);

    -- Both by the last step of the package, so that a month has them whole.
    create table packages_history (
      ended_at timestamptz not null,
      like packages,
      primary key (seq, ended_at),
      check (status in (2, 3, 5, 6, 8, 9))  -- it has left, and nobody is waited for
    ) partition by range (ended_at);
    create index on packages_history (package_id);
    create index on packages_history (message_seq);
    create index on packages_history (dept_code, seq);
    create index on packages_history using brin (created_at) with (autosummarize = on);

    create table package_steps_history (
      ended_at timestamptz not null,
      like package_steps,
      primary key (id, ended_at)
    ) partition by range (ended_at);
    create index on package_steps_history (package_id, id);

    -- Of months that were detached: to which nodes a record went, with the newest deliveries.
    create table record_reach (
      record_kind  smallint not null,
      owner_org    text     not null,
      business_key text     not null,
      destination  text     not null,
      reached      boolean  not null, -- its content was sent there, or may have been
      carried      bigint,            -- last delivery with content that was acknowledged
      withdrawn    bigint,            -- last withdrawal that was acknowledged
      primary key (record_kind, owner_org, business_key, destination)
    );
    create index on record_reach (destination) where withdrawn is not null;

    create table history_detachments (
      history     text        not null, -- name of the hot table
      month       text        not null, -- YYYY-MM
      detached_at timestamptz not null,
      primary key (history, month)
    );

    create view all_deliveries as
      select * from deliveries union all select * from deliveries_history;
    create view all_refusals as
      select * from refusals union all select * from refusals_history;
    create view all_packages as
      select null::timestamptz as ended_at, packages.* from packages
       union all select * from packages_history;
    create view all_package_steps as
      select null::timestamptz as ended_at, package_steps.* from package_steps
       union all select * from package_steps_history;
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
