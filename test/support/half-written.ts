const R34 = 'registration in force that does not go up (R34)';

/** What belongs together and is written in one transaction; each query finds what stands alone. */
const ORPHANS: Readonly<Record<string, string>> = {
  'enterprise without its message': `
    select uscc from enterprises e
     where not exists (select 1 from messages m where m.seq = e.message_seq)`,
  'record without its message': `
    select business_key from records r
     where not exists (select 1 from messages m where m.seq = r.message_seq)`,
  'delivery without its message': `
    select id from all_deliveries d
     where not exists (select 1 from messages m where m.seq = d.message_seq)`,
  'package without its message or its history': `
    select package_id from all_packages p
     where not exists (select 1 from messages m where m.seq = p.message_seq)
        or not exists (select 1 from all_package_steps s where s.package_id = p.package_id)`,
  'registration without its enterprise': `
    select seq from messages m
     where kind = 1 and not exists (select 1 from enterprises e where e.uscc = m.entity)`,
  [R34]: `
    select seq from messages m
     where kind = 1 and origin = 'client' and effect <> 2
       and not exists (select 1 from all_deliveries d
                        where d.message_seq = m.seq and d.destination = '100000')`,
  'record message without its record': `
    select seq from messages m
     where kind between 2 and 5
       and not exists (select 1 from records r
                        where r.kind = m.kind and r.owner_org = m.owner_org
                          and r.business_key = m.business_key)`,
};

/** The national node has nobody above it. */
const PROVINCIAL: readonly string[] = [R34];

/** A node whose tables can be looked into. */
interface Inspected {
  sql<Row>(statement: string): Promise<Row[]>;
}

/** What of a node is written by halves; nothing, whatever was sent to it. */
export async function halfWritten(
  node: Inspected,
  level: 'national' | 'provincial' = 'provincial',
): Promise<string[]> {
  const found: string[] = [];
  for (const [what, statement] of Object.entries(ORPHANS)) {
    if (level === 'national' && PROVINCIAL.includes(what)) continue;
    const rows = await node.sql<object>(statement);
    found.push(...rows.map((row) => `${what}: ${JSON.stringify(row)}`));
  }
  return found;
}
