export * from './common.js';
export { createWebClient } from '../connect-web.js';
export { createWebHub, type WebHubOptions } from '../web-hub.js';
