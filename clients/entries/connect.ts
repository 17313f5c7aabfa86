export * from './common.js';
export { createConnectClient, type ConnectClientOptions } from '../connect.js';
export { createConnectHub, type ConnectHubOptions } from '../connect-hub.js';
export type { ClientTls } from '../tls.js';
