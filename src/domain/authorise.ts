import type { StaffRole } from './policy.ts'

/** 权限: the one table of who may do what. `own`: only on requests they own or were offered; `agency`: of their agency. */
export type Scope = 'none' | 'own' | 'agency' | 'all'

export const actions = [
  'accept',
  'decline',
  'relay',
  'note',
  'hand_on',
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
] as const
export type Action = (typeof actions)[number]

const frontline = {
  accept: 'own',
  decline: 'own',
  relay: 'own',
  note: 'own',
  hand_on: 'own',
  resolve: 'own',
  see_request: 'own',
  reveal_contact: 'own',
  list_open: 'own',
  assign: 'none',
  triage: 'none',
  relabel: 'own',
  // What the gate heard as a crisis, one person alone on the case cannot make ordinary.
  lower_crisis: 'none',
  review: 'none',
  see_history: 'none',
  invite: 'none',
  record_service: 'own',
  see_results: 'none',
  set_own_duty: 'own',
  plan_duty: 'none',
  // 发通知: coordinators only, and two of them.
  broadcast: 'none',
} as const satisfies Record<Action, Scope>

export const permissions = {
  social_worker: frontline,
  nurse: frontline,
  counsellor: frontline,
  lead: {
    ...frontline,
    accept: 'agency',
    list_open: 'agency',
    assign: 'agency',
    plan_duty: 'agency',
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
    plan_duty: 'all',
    broadcast: 'all',
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
}

export function may(role: StaffRole, action: Action, standing: Standing): boolean {
  switch (permissions[role][action]) {
    case 'none':
      return false
    case 'own':
      return standing.own
    case 'agency':
      return standing.own || standing.sameAgency
    case 'all':
      return true
  }
}
