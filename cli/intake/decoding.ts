import { UsageError } from '../answer.js';

/** The text of a file, piece by piece. Throws UsageError when it is in another encoding. */
export async function* decode(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      `文件不是 ${encoding} 编码。请另存为“CSV UTF-8”,或用 --encoding gb18030 读取。`,
      `The file is not ${encoding}. Save it as "CSV UTF-8", or read it with --encoding gb18030.`,
    );
  }
}
