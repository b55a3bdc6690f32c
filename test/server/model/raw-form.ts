/** The name of a group's file, as miners send it. */
export const name = 'model_expgroup_0.safetensors';

/** The bytes of a form, for clients that misbehave. */
export function rawForm(fields: Record<string, string>, file: Buffer) {
  const boundary = 'test-boundary';
  const parts = Object.entries(fields).map(
    ([key, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  );
  const head = `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { body, type: `multipart/form-data; boundary=${boundary}`, fileStart: head.length };
}
