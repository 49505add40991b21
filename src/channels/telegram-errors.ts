import { GrammyError, HttpError } from 'grammy'
import { SendError } from './channel.ts'

/** What the Bot API or the network said → one of our few kinds of failure. Never carries the token. */
export function asSendError(error: unknown): SendError {
  if (error instanceof SendError) return error
  if (error instanceof GrammyError) return fromApi(error)
  // HttpError and time-outs: the request may have been carried out all the same.
  const what = error instanceof HttpError ? 'the Bot API did not answer' : 'the request was cut off'
  return new SendError('transient', what, { outcomeUnknown: true })
}

/** Edits that come too late or change nothing did what was wanted: the old buttons are dead anyway. */
export function isHarmlessEdit(error: unknown): boolean {
  return (
    error instanceof GrammyError &&
    error.error_code === 400 &&
    /message is not modified|message can't be edited|message to edit not found|MESSAGE_ID_INVALID/i.test(
      error.description,
    )
  )
}

function fromApi({ error_code: code, description, parameters }: GrammyError): SendError {
  if (code === 429) {
    const seconds = parameters.retry_after ?? 5
    return new SendError('rate-limited', `Telegram asks to wait ${seconds} s`, { retryAfterMs: seconds * 1000 })
  }
  if (code === 403) return new SendError('blocked', 'the person has blocked the bot or left')
  if (code === 401 || code === 404) return new SendError('auth', 'Telegram does not know the bot token')
  if (code === 400) {
    const gone =
      /chat not found|user not found|PEER_ID_INVALID|deactivated/i.test(description) || parameters.migrate_to_chat_id
    return gone
      ? new SendError('gone', 'the chat does not exist any more')
      : new SendError('invalid', `Telegram refused the message: ${description.replace(/\d{6,}/g, '…')}`)
  }
  // 5xx, and anything without a code: the outcome is not known.
  return new SendError('transient', `Telegram answered with an error of its own`, { outcomeUnknown: true })
}
