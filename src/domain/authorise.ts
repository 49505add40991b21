import type { StaffRole } from './policy.ts'

/**
 * 权限: the one table of who may do what. `line`: on requests of which a need is in their hands, and their own; `own`: only on
 * requests they own or were offered; `agency`: of their agency.
 */
export type Scope = 'none' | 'line' | 'own' | 'agency' | 'all'

export const actions = [
  'accept',
  'decline',
  'relay',
  'note',
  'hand_on',
  'share_work',
  'merge',
  'resolve',
  'see_request',
  'reveal_contact',
  'list_open',
  'assign',
  'triage',
  'relabel',
  'lower_crisis',
  'review',
  'see_history',
  'invite',
  'record_service',
  'see_results',
  'set_own_duty',
  'plan_duty',
  'broadcast',
  'open_desk',
  'block',
] as const
export type Action = (typeof actions)[number]

const frontline = {
  accept: 'own',
  decline: 'own',
  relay: 'line',
  note: 'line',
  hand_on: 'own',
  share_work: 'own',
  // 合并、拆开: whoever may on one of the two.
  merge: 'own',
  resolve: 'own',
  see_request: 'line',
  reveal_contact: 'line',
  list_open: 'own',
  assign: 'none',
  triage: 'none',
  relabel: 'own',
  // What the gate heard as a crisis, one person alone on the case cannot make ordinary.
  lower_crisis: 'none',
  review: 'none',
  see_history: 'none',
  invite: 'none',
  record_service: 'line',
  see_results: 'none',
  set_own_duty: 'own',
  plan_duty: 'none',
  // 发通知: coordinators only, and two of them.
  broadcast: 'none',
  // 工作台: the page of those who see everything anyway.
  open_desk: 'none',
  // 屏蔽: nobody who works with the person decides it alone.
  block: 'none',
} as const satisfies Record<Action, Scope>

/** A volunteer sees a task, a time and what to call somebody (志愿服务条例 §21): no request, no words, no number. */
const nothing = Object.fromEntries(actions.map((action) => [action, 'none'])) as Record<Action, 'none'>

export const permissions = {
  social_worker: frontline,
  nurse: frontline,
  counsellor: frontline,
  volunteer: nothing,
  lead: {
    ...frontline,
    accept: 'agency',
    list_open: 'agency',
    assign: 'agency',
    plan_duty: 'agency',
    share_work: 'agency',
    merge: 'agency',
    see_results: 'agency',
    relabel: 'agency',
    see_request: 'agency',
    see_history: 'agency',
  },
  // The street contact is told of a crisis and may take it; everything else stays with agencies and coordinators.
  street: { ...frontline },
  coordinator: {
    ...frontline,
    // 兜底: what nobody has taken, a coordinator may always take.
    accept: 'all',
    see_request: 'all',
    list_open: 'all',
    assign: 'all',
    merge: 'all',
    plan_duty: 'all',
    broadcast: 'all',
    open_desk: 'all',
    block: 'all',
    see_results: 'all',
    triage: 'all',
    relabel: 'all',
    lower_crisis: 'all',
    review: 'all',
    see_history: 'all',
    invite: 'all',
    note: 'all',
    resolve: 'all',
  },
} as const satisfies Record<StaffRole, Record<Action, Scope>>

/** How the person stands to the request at hand. */
export interface Standing {
  readonly own: boolean
  readonly sameAgency: boolean
  /** A need of it is in their hands. */
  readonly helps?: boolean
}

export function may(role: StaffRole, action: Action, standing: Standing): boolean {
  switch (permissions[role][action]) {
    case 'none':
      return false
    case 'line':
      return standing.own || standing.helps === true
    case 'own':
      return standing.own
    case 'agency':
      return standing.own || standing.sameAgency
    case 'all':
      return true
  }
}
