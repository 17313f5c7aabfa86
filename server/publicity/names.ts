import type { CatalogView } from '../domain/catalog/view.js';
import type { CodeListName } from '../reference/code-lists.js';
import { findCode, type Reference } from '../reference/load-reference.js';
import { HUB_NODES } from '../reference/nodes.js';
import type { Language } from './language.js';

/** What names are looked up in. */
export interface NameSources {
  readonly reference: Reference;
  /** The catalogue in force now; undefined when there is none. */
  readonly catalogue: () => CatalogView | undefined;
}

/** A name, and the language it is really in. */
export interface Name {
  readonly text: string;
  readonly language: Language;
}

/** Names of codes in a reader's language; in Chinese where there is no other; else the code itself. */
export class Names {
  constructor(
    private readonly sources: NameSources,
    private readonly language: Language,
  ) {}

  value(list: CodeListName, code: string): Name {
    const found = findCode(this.sources.reference, list, code);
    return this.#named(found?.nameZh, found?.nameEn, code);
  }

  node(code: string): Name {
    const found = HUB_NODES.find((node) => node.code === code);
    return this.#named(found?.nameZh, found?.nameEn, code);
  }

  enterpriseType(code: string): Name {
    return this.#named(this.sources.reference.enterpriseTypes.get(code)?.name, undefined, code);
  }

  industry(code: string): Name {
    return this.#named(this.sources.reference.industries.get(code)?.name, undefined, code);
  }

  currency(code: string): Name {
    return this.#named(this.sources.reference.currencies.get(code), undefined, code);
  }

  permitItem(code: string): Name {
    return this.#named(this.sources.catalogue()?.item(code)?.name, undefined, code);
  }

  #named(nameZh: string | undefined, nameEn: string | undefined, code: string): Name {
    if (this.language === 'en' && nameEn !== undefined) return { text: nameEn, language: 'en' };
    return { text: nameZh ?? code, language: 'zh' };
  }
}
