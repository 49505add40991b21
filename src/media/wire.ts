/**
 * The whole body of an answer, never more than `mostBytes`.
 * @throws Error with the status when it is no success, or when there is more: without a word of what it says.
 */
export async function readWithin(response: Response, mostBytes: number): Promise<Uint8Array> {
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`it answered ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Error(`its answer is longer than ${mostBytes} bytes`) // leaving the loop cancels it
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
