export type { Source } from '../batches.js';
export type { CallOptions, ClientIdentity, HubClient } from '../client.js';
export { HubClientError, type ErrorReasonName } from '../hub-client-error.js';
export type { Hub, RecordInit, RegistrationInit } from '../hub.js';
export { Patience, type PatienceOptions } from '../patience.js';
export type { Settled } from '../settled.js';
