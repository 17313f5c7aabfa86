import type { ComponentType } from 'preact';
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { HubProvider, openHub } from './hub/hub.js';
import { endSession, readToken } from './hub/session.js';
import { Shell } from './parts/shell.js';
import { useRoute, type View } from './route.js';
import { keepLanguage, readLanguage, SpokenProvider, wordsOf } from './words/language.js';
import type { Language, Spoken } from './words/language.js';
import { AuditView } from './views/audit.js';
import { CatalogueView } from './views/catalogue.js';
import { DeliveriesView } from './views/deliveries.js';
import { MessageView } from './views/message.js';
import { PackagesView } from './views/packages.js';
import { ReconcileView } from './views/reconcile.js';
import { ReleasesView } from './views/releases.js';
import { ReportView } from './views/report.js';
import { SignIn } from './views/sign-in.js';
import { StatusView } from './views/status.js';
import { WorklistView } from './views/worklist.js';

/** What a view is given: what its address asks for. */
export interface ViewProps {
  readonly asked: Readonly<Record<string, string>>;
}

const VIEW_OF: Readonly<Record<View, ComponentType<ViewProps>>> = {
  status: StatusView,
  message: MessageView,
  deliveries: DeliveriesView,
  worklist: WorklistView,
  packages: PackagesView,
  catalogue: CatalogueView,
  releases: ReleasesView,
  report: ReportView,
  reconcile: ReconcileView,
  audit: AuditView,
};

/** The console: a language, a token, and one view at a time. */
export function App() {
  const [language, setLanguage] = useState(readLanguage);
  const [token, setToken] = useState(readToken);
  const spoken = useMemo((): Spoken => {
    const speak = (next: Language): void => {
      keepLanguage(next);
      setLanguage(next);
    };
    return { language, words: wordsOf(language), speak };
  }, [language]);
  useLayoutEffect(() => {
    document.documentElement.lang = spoken.words.lang;
  }, [spoken]);
  return (
    <SpokenProvider value={spoken}>
      {token === undefined ? <SignIn onToken={setToken} /> : <SignedIn token={token} />}
    </SpokenProvider>
  );
}

function SignedIn({ token }: { token: string }) {
  const hub = useMemo(() => openHub(token), [token]);
  const { view, asked } = useRoute();
  const Shown = VIEW_OF[view];
  return (
    <HubProvider value={hub}>
      <Shell view={view} onSignOut={signOut}>
        <Shown key={view} asked={asked} />
      </Shell>
    </HubProvider>
  );
}

/** Everything that was read goes with the page. */
function signOut(): void {
  endSession();
  location.reload();
}
