/** Reads a stranger's body as text; null where it is longer than that, for it may have no end. */
export async function boundedText(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limitBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
