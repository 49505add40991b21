import { lockRequest } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { tell } from './tell.ts'

/**
 * 未送达: a message that will never arrive. Whoever answers for the request is told to phone or visit instead; when it was
 * they who could not be reached, the coordinators are.
 */
export function makeUndelivered({ inTurn }: { readonly inTurn: InTurn }) {
  return async (lost: {
    outboundId: number
    personId: number
    requestId: number | null
    failure: string
  }): Promise<void> => {
    const { requestId } = lost
    if (requestId === null) return
    await inTurn(async (context) => {
      const request = await lockRequest(context.tx, context.seal, requestId)
      if (!request?.deadline) return
      const why =
        lost.failure === 'blocked' || lost.failure === 'gone'
          ? say(`undelivered.${lost.failure}`)
          : say('undelivered.other')
      const people = [request.assignee?.personId, request.owner.personId].filter((id) => typeof id === 'number')
      const to = people.find((id) => id !== lost.personId)
      if (to === undefined) return
      await tell(
        context,
        request,
        to,
        `undelivered:${lost.outboundId}`,
        say('undelivered.staff', { number: request.number, why }),
      )
    })
  }
}
