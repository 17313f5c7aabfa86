import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { announcements } from '../../server/welcome.js';
import { startTestNode } from '../support/nodes.js';

/** What whoever starts a node reads of callers that show nothing. */
async function told(anonymous: string): Promise<string> {
  const node = await startTestNode({ HUB_ANONYMOUS: anonymous });
  onTestFinished(() => node.stop());
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    announcements.ready(node.node);
    return written.mock.calls.join('');
  } finally {
    written.mockRestore();
  }
}

describe('the words at the start of a node', () => {
  it('warn of a trial, in which everybody may do everything', async () => {
    expect(await told('trial')).toMatch(
      /!!! 未认证[^]*ANONYMOUS callers are let in[^]*for trying out/,
    );
  });

  it('do not call a node a trial that only shows the public what is published', async () => {
    const words = await told('public');
    expect(words).toContain('callers that show nothing are the public');
    expect(words).not.toMatch(/ANONYMOUS|for trying out/);
  });

  it('say nothing where callers have to show who they are', async () => {
    expect(await told('none')).not.toMatch(/ANONYMOUS|show nothing/);
  });
});
