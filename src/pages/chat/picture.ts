/** 发照片: chosen or taken, made small enough for a slow network, and sent like a recording. */
export function pictureWith({
  button,
  input,
  give,
}: {
  readonly button: HTMLButtonElement
  readonly input: HTMLInputElement
  readonly give: (picture: Blob) => void
}): void {
  button.addEventListener('click', () => input.click())
  input.addEventListener('change', async () => {
    const [chosen] = input.files ?? []
    if (!chosen) return
    const picture = await smaller(chosen).catch(() => chosen)
    input.value = '' // the same picture can be chosen again
    give(picture)
  })
}

/** What fits is sent as it is. */
const smallBytes = 1_000_000
/** Letters on a photographed page are still readable. */
const longestSide = 2_400

async function smaller(picture: Blob): Promise<Blob> {
  if (picture.size <= smallBytes) return picture
  const drawn = await createImageBitmap(picture)
  const scale = Math.min(1, longestSide / Math.max(drawn.width, drawn.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(drawn.width * scale)
  canvas.height = Math.round(drawn.height * scale)
  canvas.getContext('2d')?.drawImage(drawn, 0, 0, canvas.width, canvas.height)
  drawn.close()
  const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.85))
  return made && made.size < picture.size ? made : picture
}
