import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { sendText } from './http-text.js';
import type { Pages } from './pages.js';

/**
 * Refuses what a browser sends in the name of another site, for a node where callers that show nothing may
 * do everything: whoever owns a name can have it lead to this machine (DNS rebinding), and a page from
 * there would call the node as if it were its own. An address, or a name that only this machine answers
 * to, can belong to no other site.
 */
export function refuseForeignHosts(names: readonly string[]): Pages {
  const known = new Set(names);
  const isKnown = (host: string): boolean =>
    isIP(host) !== 0 || host === 'localhost' || host.endsWith('.localhost') || known.has(host);
  return ({ headers: { host, origin } }: IncomingMessage) => {
    // Browsers always name the host, and the origin of whatever may change something.
    const called = host === undefined || isKnown(nameIn(`http://${host}`));
    const calling = origin === undefined || isKnown(nameIn(origin));
    if (called && calling) return undefined;
    return (_, res) => sendText(res, 403, REFUSAL);
  };
}

const REFUSAL =
  '本节点对未认证的调用方全部放行,只接受以 localhost、IP 地址或 HUB_HOST_NAMES 所列名称发来的 HTTP 请求' +
  '(防止其他网站借浏览器访问本机)。\n' +
  'This node lets callers that show nothing do everything, so it takes HTTP requests only by localhost, an IP ' +
  'address or a name in HUB_HOST_NAMES (lest other sites reach this machine through a browser).';

/** The name in an address, in lower case and without brackets; empty when there is none. */
function nameIn(url: string): string {
  if (!URL.canParse(url)) return '';
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
