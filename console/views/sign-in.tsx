import { useEffect } from 'preact/hooks';
import { Code } from '#gen/google/rpc/code_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { useAct } from '../hub/asking.js';
import { openHub } from '../hub/hub.js';
import { keepToken } from '../hub/session.js';
import { Failure } from '../parts/failure.js';
import { TextField, valuesOf } from '../parts/fields.js';
import { LanguageSwitch } from '../parts/shell.js';
import { useWords } from '../words/language.js';

/** Who calls: a token that the node knows, or none where a node is tried out. */
export function SignIn({ onToken }: { onToken: (token: string) => void }) {
  const words = useWords();
  const enter = useAct(
    async (token: string) => {
      await prove(token);
      return token;
    },
    (token) => {
      keepToken(token);
      onToken(token);
    },
  );
  useEffect(() => {
    document.title = `${words.signIn.title} · ${words.product}`;
  }, [words]);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    enter.run(valuesOf(event.currentTarget as HTMLFormElement)['token'] ?? '');
  };
  return (
    <main class="sign-in">
      <header>
        <p class="brand">{words.product}</p>
        <LanguageSwitch />
      </header>
      <h1>{words.signIn.title}</h1>
      <p class="lead">{words.signIn.lead}</p>
      <form onSubmit={submit} aria-busy={enter.pending}>
        <TextField
          name="token"
          type="password"
          label={words.signIn.token}
          hint={words.signIn.tokenHint}
          required
        />
        <Failure of={enter.failure} />
        <p class="row">
          <button type="submit" class="main" disabled={enter.pending}>
            {enter.pending ? words.signIn.checking : words.signIn.enter}
          </button>
          <button
            type="button"
            class="plain"
            disabled={enter.pending}
            onClick={() => enter.run('')}
          >
            {words.signIn.without}
          </button>
        </p>
      </form>
    </main>
  );
}

/** Fails unless the node knows the token. What its role may do, each view finds out. */
async function prove(token: string): Promise<void> {
  try {
    await openHub(token).dataCenter.getNodeStatus({});
  } catch (error) {
    const known = error instanceof HubClientError && error.code === Code.PERMISSION_DENIED;
    if (!known || token === '') throw error;
  }
}
