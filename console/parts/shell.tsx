import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { addressOf, VIEWS, type View } from '../route.js';
import { useSpoken, useWords } from '../words/language.js';

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
