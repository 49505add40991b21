/** What the outbox asks about a message to many in the moment before it leaves, and what it tells when an account is refused. */
export interface BulkGate {
  /** Nothing: it may go. `skip`: its moment has passed, and why. `until`: not before then. */
  hold(outboundId: number, now: Date): Promise<{ readonly skip: string } | { readonly until: Date } | undefined>
  /** The far end asked this account (channel:account) to wait: no message to many leaves by it before then. */
  rest(lane: string, until: Date): Promise<void>
}
