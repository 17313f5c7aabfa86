/** 网页中查询企业 · an enterprise looked up, in a page that the hub's own origin serves. */
import { createWebHub } from 'zhengzhao-hub-client/web';

/**
 * @param {string} baseUrl
 * @param {string} uscc
 */
export async function enterpriseName(baseUrl, uscc) {
  const hub = createWebHub(baseUrl);
  const { enterprise } = await hub.registration.getEnterprise({ uscc });
  return enterprise?.entName;
}
