/** Certificates of a client, in PEM. */
export interface ClientTls {
  /** Who signs the hub's certificate. Unset: the authorities that Node knows. */
  readonly ca?: string | Buffer;
  /** The client's own certificate and key, for a hub that asks for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

/** Certificates that may be exchanged for newer ones: asked with every call, and good until then. */
export type RenewableTls = () => ClientTls;
