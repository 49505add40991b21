import { SendError, type SendFailure } from './channel.ts'

/**
 * errcode → one of our few kinds of failure, for the 服务号 (api.weixin.qq.com) and 企业微信 (qyapi.weixin.qq.com). The codes are
 * those of the official tables as far as they could be read; 950xx were not tried on a live account.
 */
const kinds: Readonly<Record<number, SendFailure>> = {
  45015: 'window-closed', // 48 hours are over, or the person has unfollowed
  45047: 'quota', // more than five replies to one message
  43004: 'blocked', // does not follow the account
  43101: 'blocked', // has not agreed to the subscription notice
  48002: 'blocked', // takes no messages from the account
  50005: 'blocked', // has unfollowed
  40003: 'gone', // no such openid
  40096: 'gone', // no such customer
  40031: 'gone',
  46004: 'gone', // no such user
  40004: 'unfit', // this type of content is not taken
  40005: 'unfit',
  40006: 'unfit', // too large, or empty
  40007: 'unfit', // its media_id has run out, or is not known
  40009: 'unfit', // picture too large
  45001: 'unfit', // too large
  45007: 'unfit', // plays longer than a minute
  45009: 'rate-limited', // calls of this day
  45011: 'rate-limited', // calls of this minute
  [-1]: 'transient', // busy
  40001: 'auth', // secret or token
  40013: 'auth', // AppID or CorpID
  40014: 'auth', // token
  41001: 'auth', // no token
  42001: 'auth', // token has run out
  40125: 'auth', // secret
  40164: 'auth', // this server is not on the list of allowed addresses
  60020: 'auth', // the same, 企业微信
  40200: 'auth', // this kind of account may not
  48001: 'auth', // the account has no permission for this call
  48004: 'auth', // the call is forbidden to the account
  95000: 'auth', // no such open_kfid
  95001: 'quota', // more than five replies to one message
  95013: 'window-closed', // the session has ended
  95018: 'taken-over', // the session is not in a state in which the machine may speak
}

/** The token was not taken: a new one may be. */
export const isTokenError = (errcode: number): boolean => [40001, 40014, 41001, 42001].includes(errcode)

/** A day's limit is not over in a minute; a minute's is. */
const waitMs = (errcode: number): number => (errcode === 45009 ? 60 * 60_000 : 60_000)

/** Says the code only: errmsg may hold an openid. */
export function fromErrcode(errcode: number): SendError {
  const kind = kinds[errcode] ?? 'invalid'
  return new SendError(kind, `WeChat answered with errcode ${errcode}`, {
    ...(kind === 'rate-limited' ? { retryAfterMs: waitMs(errcode) } : {}),
    outcomeUnknown: kind === 'transient',
  })
}
