import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useAnswer } from '../hub/asking.js';
import { useHub } from '../hub/hub.js';
import { addressOf, VIEWS, type View } from '../route.js';
import { useSaid, useSpoken, useWords } from '../words/language.js';

interface ShellProps {
  readonly view: View;
  readonly onSignOut: () => void;
  readonly children: ComponentChildren;
}

/** What is around every view: name, menu, language, and the way out. */
export function Shell({ view, onSignOut, children }: ShellProps) {
  const words = useWords();
  const menu = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = menu.current?.querySelector('[aria-current]');
    current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [view]);
  return (
    <div class="shell">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          // The address belongs to the view.
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {words.skip}
      </a>
      <header>
        <p class="brand">
          {words.product} <span class="faint">{words.console}</span>
        </p>
        <SignedInAs />
        <LanguageSwitch />
        <button type="button" class="plain" onClick={onSignOut}>
          {words.signOut}
        </button>
      </header>
      <nav ref={menu} aria-label={words.menu}>
        <ul>
          {VIEWS.map((one) => (
            <li key={one}>
              <a href={addressOf(one)} aria-current={one === view ? 'page' : undefined}>
                {words.views[one]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** Role and name of whoever signed in, as the node knows them; nothing while it does not say. */
function SignedInAs() {
  const { signedInAs } = useWords();
  const said = useSaid();
  const { dataCenter } = useHub();
  const { answer } = useAnswer((signal) => dataCenter.getCaller({}, { signal }), '');
  if (!answer) return null;
  return (
    <p class="caller">
      <span class="unseen">{signedInAs}</span> {said(answer.roleZh, answer.roleEn)} {answer.code}
    </p>
  );
}

/** The other language, named in itself. */
export function LanguageSwitch() {
  const { language, words, speak } = useSpoken();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <button
      type="button"
      class="plain"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => speak(other)}
    >
      {words.otherLanguage}
    </button>
  );
}
