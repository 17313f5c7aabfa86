export * from './common.js';
export { createGrpcClient, type GrpcClient, type GrpcClientOptions } from '../grpc.js';
export { createGrpcHub, type GrpcHubOptions } from '../grpc-hub.js';
export type { ClientTls, RenewableTls } from '../tls.js';
