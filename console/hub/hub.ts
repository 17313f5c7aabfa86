import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { HubClient } from '../../clients/client.js';
import { createWebClient } from '../../clients/connect-web.js';

/** The node that served this page, called as whoever signed in. */
export interface Hub {
  readonly catalog: HubClient<typeof ScopeCatalog>;
  readonly exchange: HubClient<typeof Exchange>;
  readonly dataCenter: HubClient<typeof DataCenter>;
}

/** The hub with a token; an empty one shows nothing, as on a trial node. */
export function openHub(token: string): Hub {
  // The page may be behind a gateway that puts the hub below a path of its own.
  const url = new URL('..', location.href.split(/[?#]/)[0]).href;
  const identity = token === '' ? {} : { token };
  return {
    catalog: createWebClient(ScopeCatalog, url, identity),
    exchange: createWebClient(Exchange, url, identity),
    dataCenter: createWebClient(DataCenter, url, identity),
  };
}

const HubContext = createContext<Hub | undefined>(undefined);

export const HubProvider = HubContext.Provider;

/** The hub of a page below the sign-in. */
export function useHub(): Hub {
  const hub = useContext(HubContext);
  if (!hub) throw new Error('useHub is for views below the sign-in');
  return hub;
}
