import type { Knex } from 'knex';

/** Packages on their way out by push, and what departments sent back (R10, R15, R31–R33, F22). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table package_dispatches (
      id              bigint generated always as identity primary key,
      package_id      text        not null,
      route           text        not null, -- name of the channel in the province's file
      dept_code       text        not null,
      uscc            text        not null, -- with the department: what is kept in order
      state           smallint    not null, -- 1 open 2 sent 3 dead 4 dropped, as nothing was to be sent any more
      attempts        integer     not null default 0,
      next_attempt_at timestamptz,
      last_error      text        not null default '',
      receipt_no      text        not null default '',
      created_at      timestamptz not null,
      settled_at      timestamptz
    );
    -- Partial, so that a million settled rows cost nothing.
    create index package_dispatches_open on package_dispatches (route, id) where state = 1;
    create index package_dispatches_order on package_dispatches (route, dept_code, uscc, id)
      where state = 1;
    create index package_dispatches_package on package_dispatches (package_id);
    create index package_dispatches_day on package_dispatches using brin (created_at);

    -- Items of returned packages: what the mapping got wrong in the eyes of a department.
    create table returned_items (
      package_id        text        not null,
      permit_item_code  text        not null,
      scope_entry_codes text[]      not null, -- sorted
      dept_code         text        not null,
      dept_name         text        not null,
      reason            smallint    not null,
      returned_at       timestamptz not null,
      primary key (package_id, permit_item_code)
    );
    create index returned_items_day on returned_items using brin (returned_at);
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
