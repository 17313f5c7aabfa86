import { Code } from '#gen/google/rpc/code_pb.js';
import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { endSession, readToken } from '../hub/session.js';
import { useSaid, useWords } from '../words/language.js';
import type { Words } from '../words/zh.js';
import { Table } from './table.js';

/** What a failure is to whoever reads it: a heading, and what could be done. */
interface Kind {
  readonly title: string;
  readonly how?: string;
  readonly signIn?: boolean;
}

/** Statuses without a reason of the hub come from whatever is between. */
function kindOf(error: unknown, { failures }: Words): Kind {
  if (!(error instanceof HubClientError)) return { title: failures.other };
  const unreachable = { title: failures.unreachable, how: failures.unreachableHow };
  switch (error.code) {
    case Code.UNAUTHENTICATED:
      return { title: failures.unauthenticated, how: failures.unauthenticatedHow, signIn: true };
    case Code.PERMISSION_DENIED:
      return { title: failures.forbidden, how: failures.forbiddenHow, signIn: true };
    case Code.INVALID_ARGUMENT:
      return { title: failures.invalid };
    case Code.NOT_FOUND:
      return { title: failures.notFound };
    case Code.RESOURCE_EXHAUSTED:
      return { title: failures.busy };
    case Code.UNAVAILABLE:
    case Code.DEADLINE_EXCEEDED:
      return unreachable;
    default:
      return error.reason === undefined ? unreachable : { title: failures.other };
  }
}

interface FailureProps {
  readonly of: unknown;
  /** Tries once more. Unset: the form that failed is there to do so. */
  readonly again?: () => void;
}

/** Why something failed, in the hub's own words, with every finding and what could be done. */
export function Failure({ of: error, again }: FailureProps) {
  const words = useWords();
  const said = useSaid();
  if (error === undefined) return null;
  const { title, how, signIn } = kindOf(error, words);
  const told = error instanceof HubClientError ? error : undefined;
  return (
    <div class="failure" role="alert">
      <p class="failure-title">{title}</p>
      {told?.reason && <p>{said(told.messageZh, told.messageEn)}</p>}
      {how && <p>{how}</p>}
      {told?.retryAfterMs !== undefined && (
        <p>{words.failures.retryAfter(Math.ceil(told.retryAfterMs / 1000))}</p>
      )}
      {told && told.findings.length > 0 && (
        <Findings findings={told.findings} total={told.findingsTotal} />
      )}
      {told?.metadata['incident'] && (
        <p>
          {words.failures.incident} <code>{told.metadata['incident']}</code>
        </p>
      )}
      <p class="row">
        {again && (
          <button type="button" onClick={again}>
            {words.failures.again}
          </button>
        )}
        {signIn && readToken() !== undefined && (
          <button type="button" onClick={signInAgain}>
            {words.signIn.again}
          </button>
        )}
        {told?.reason && <code class="faint">{told.reason}</code>}
      </p>
    </div>
  );
}

function signInAgain(): void {
  endSession();
  location.reload();
}

/** What was found in a message or a request: field, rule, and how to mend it. */
export function Findings({ findings, total }: { findings: readonly Finding[]; total?: number }) {
  const words = useWords();
  const said = useSaid();
  const { failures } = words;
  return (
    <>
      <Table
        caption={failures.findings}
        columns={[
          { head: failures.field, cell: (one) => <code>{one.field}</code> },
          { head: words.rule, cell: (one) => one.rule },
          { head: failures.severity, cell: (one) => words.severities[one.severity] },
          { head: failures.mend, cell: (one) => said(one.messageZh, one.messageEn) },
        ]}
        rows={findings}
        keyOf={(one, position) => `${position} ${one.field}`}
      />
      {total !== undefined && total > findings.length && (
        <p>{failures.cut(findings.length, total)}</p>
      )}
    </>
  );
}
