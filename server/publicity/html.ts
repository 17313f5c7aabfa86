import { html as escaped } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** HTML whose values are escaped. */
export type Html = HtmlEscapedString;

/** What can stand in a text or a quoted attribute; what is false or unset leaves no trace in a text. */
export type Content = Html | string | number | false | undefined | readonly Content[];

/** HTML from a template; every value is escaped that is not itself such HTML. Attributes need quotes. */
export const html = escaped as (
  template: TemplateStringsArray,
  ...values: readonly Content[]
) => Html;
