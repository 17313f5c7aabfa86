import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../server/config.js';

describe('HUB_REPORT_URLS', () => {
  it('R50 names further report libraries, each once, and none when unset', () => {
    const one = 'postgres://reader:pw@db1:5432/licensing';
    const two = 'postgresql://reader@db2/inspection';
    const { reportUrls } = readConfig({ HUB_REPORT_URLS: ` ${one}, ${two},${one},` });
    expect(reportUrls).toEqual([one, two]);
    expect(readConfig({}).reportUrls).toEqual([]);
  });

  it('R50 says which one is wrong, and never repeats it: it may hold a password', () => {
    const env = { HUB_REPORT_URLS: 'postgres://a@b/c,mysql://root:geheim@db/x' };
    let problem: unknown;
    try {
      readConfig(env);
    } catch (error) {
      problem = error;
    }
    expect(problem).toBeInstanceOf(ConfigError);
    expect(String(problem)).toContain('number 2');
    expect(String(problem)).not.toContain('geheim');
  });
});
