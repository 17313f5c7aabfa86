import { describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  htmlPage,
  PageCache,
  PAGES_IN_WORK,
  type Page,
} from '../../server/publicity/page-cache.js';

/** A page that is made when the test says so. */
function slowPage(): { make: () => Promise<Page>; finish: () => void; made: () => number } {
  let made = 0;
  let finish = (): void => {};
  const gate = new Promise<void>((resolve) => (finish = resolve));
  const make = async (): Promise<Page> => {
    made += 1;
    await gate;
    return htmlPage('<p>');
  };
  return { make, finish, made: () => made };
}

describe('the cache of pages', () => {
  it('makes a page once for all who ask for it meanwhile and after', async () => {
    const cache = new PageCache();
    const page = slowPage();
    const asked = [cache.get('a', page.make), cache.get('a', page.make)];
    page.finish();
    const [first, second] = await Promise.all(asked);
    expect(await cache.get('a', page.make)).toBe(first);
    expect([second, page.made()]).toEqual([first, 1]);
  });

  it('keeps no failure', async () => {
    const cache = new PageCache();
    const failing = () => Promise.reject(new Error('away'));
    await expect(cache.get('a', failing)).rejects.toThrow('away');
    expect(await cache.get('a', async () => ({ location: '/' }))).toEqual({ location: '/' });
  });

  it('makes so many at once and no more', async () => {
    const cache = new PageCache();
    const page = slowPage();
    const work = Array.from({ length: PAGES_IN_WORK }, (_, at) => cache.get(`${at}`, page.make));
    await expect(cache.get('one more', page.make)).rejects.toMatchObject({
      reason: ErrorReason.UNAVAILABLE,
    });
    page.finish();
    await Promise.all(work);
    expect(await cache.get('one more', page.make)).toBeDefined();
  });
});
