import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { sendText } from './http-text.js';
import type { Pages } from './pages.js';

/**
 * Refuses what a browser sends in the name of another site, for a node where callers that show nothing may
 * do everything: whoever owns a name can have it lead to this machine (DNS rebinding), and a page from
 * there would call the node as if it were its own. Called by an address, or by a name that only this machine
 * answers to, the node is not taken for another site; and only its own pages, and those of this machine, call.
 */
export function refuseForeignHosts(names: readonly string[]): Pages {
  const known = new Set(names.map((name) => nameIn(`http://${name}`)));
  const isOurs = (name: string): boolean => isThisMachine(name) || known.has(name);
  return ({ headers: { host, origin } }: IncomingMessage) => {
    // Browsers always name the host, and the origin of whatever may change something.
    const called = host === undefined ? undefined : nameIn(`http://${host}`);
    const calling = origin === undefined ? undefined : nameIn(origin);
    const mayBeCalled = called === undefined || isIP(called) !== 0 || isOurs(called);
    // A page that came from here, or one of this machine.
    const mayCall =
      calling === undefined || isOurs(calling) || (calling !== '' && calling === called);
    if (mayBeCalled && mayCall) return undefined;
    return (_, res) => sendText(res, 403, REFUSAL);
  };
}

const REFUSAL =
  '本节点对未认证的调用方全部放行,只接受以 localhost、IP 地址或 HUB_HOST_NAMES 所列名称发来的 HTTP 请求' +
  '(防止其他网站借浏览器访问本机)。\n' +
  'This node lets callers that show nothing do everything, so it takes HTTP requests only by localhost, an IP ' +
  'address or a name in HUB_HOST_NAMES (lest other sites reach this machine through a browser).';

function isThisMachine(name: string): boolean {
  if (isIP(name) !== 0) return name === '::1' || name.startsWith('127.');
  return name === 'localhost' || name.endsWith('.localhost');
}

/** The name in an address, in lower case and without brackets; empty when there is none. */
function nameIn(url: string): string {
  if (!URL.canParse(url)) return '';
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
