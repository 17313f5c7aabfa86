import type { IncomingMessage, RequestListener } from 'node:http';
import { sendText } from './http-text.js';
import type { BoundService } from './service.js';

/** Something for browsers: what answers the request, or undefined when its path is none of it. */
export type Page = (request: IncomingMessage) => RequestListener | undefined;

/**
 * What a browser is shown: the first of `pages` that has the path, else what this is at `/`, and a
 * plain 404 elsewhere.
 */
export function createPages(
  services: readonly BoundService[],
  pages: readonly Page[] = [],
): (request: IncomingMessage) => RequestListener {
  const welcome = welcomeText(services.map(({ service }) => service.typeName));
  return (request) => {
    for (const page of pages) {
      const listener = page(request);
      if (listener) return listener;
    }
    if (request.url !== '/') return notFoundPage;
    if (request.method === 'GET' || request.method === 'HEAD')
      return (_, res) => sendText(res, 200, welcome);
    return (_, res) => sendText(res, 405, '请使用 GET 方法。\nUse the GET method.');
  };
}

const notFoundPage: RequestListener = (_, res) =>
  sendText(
    res,
    404,
    '此地址没有内容。接口地址为 /zhengzhao.v1.服务名/方法名。\n' +
      'There is nothing here. A call goes to /zhengzhao.v1.Service/Method.',
  );

function welcomeText(services: readonly string[]): string {
  return [
    '证照分离数据交换中心',
    '',
    '本端口提供以下服务,可用 gRPC、Connect、gRPC-Web 或 HTTP JSON 调用:',
    ...services.map((name) => `  ${name}`),
    '',
    'HTTP JSON:以 POST 方法向 /服务名/方法名 发送 JSON,Content-Type 为 application/json。',
    '',
    'Data-exchange hub between business licences and permits',
    '',
    'This port offers the services above over gRPC, Connect, gRPC-Web and HTTP JSON.',
    'HTTP JSON: POST a JSON object to /Service/Method with Content-Type application/json.',
  ].join('\n');
}
