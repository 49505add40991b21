import { run } from './run.ts'

/** Programs of the machine that recordings need; each may be missing, and health says which. */
export interface Tools {
  readonly ffmpeg: boolean
  readonly sox: boolean
  readonly espeak: boolean
}

const withinMs = 5_000

export async function findTools(): Promise<Tools> {
  const works = async (command: string, flag: string) => {
    try {
      return (await run(command, [flag], { ms: withinMs, mostBytes: 100_000 })).code === 0
    } catch {
      return false
    }
  }
  const [ffmpeg, sox, espeak] = await Promise.all([
    works('ffmpeg', '-version'),
    works('sox', '--version'),
    works('espeak-ng', '--version'),
  ])
  return { ffmpeg, sox, espeak }
}
