import { z } from 'zod'

/**
 * The labels a message and a request carry. Their exact meaning stands in `docs/labels.md`; the wire names are part of
 * the outside contract and change only with a note there.
 */

export const intents = ['help_request', 'status', 'cancel', 'complaint', 'thanks', 'chat', 'human', 'other'] as const
export const Intent = z.enum(intents)
export type Intent = z.infer<typeof Intent>

/** 服务项目: the four programmes the district buys. */
export const programmes = ['disability', 'elder', 'single_mother', 'migrant'] as const
export const Programme = z.enum(programmes)
export type Programme = z.infer<typeof Programme>

export const needs = [
  'nursing',
  'employment',
  'counselling',
  'financial_medical',
  'rehab_assistive',
  'daily_living',
  'legal',
  'child_education',
  'companionship',
  'housing_access',
  'information',
] as const
export const Need = z.enum(needs)
export type Need = z.infer<typeof Need>

/** Ascending: the index is the rank, so the higher of two urgencies is the one that stands later. */
export const urgencies = ['normal', 'soon', 'urgent', 'crisis'] as const
export const Urgency = z.enum(urgencies)
export type Urgency = z.infer<typeof Urgency>

/** 服务对象: who needs the help, seen from the person who writes. */
export const subjects = ['self', 'family', 'other'] as const
export const Subject = z.enum(subjects)
export type Subject = z.infer<typeof Subject>

/** What a crisis is about: decides which numbers stand first in the answer. */
export const crisisKinds = ['suicide', 'violence', 'medical', 'fire', 'missing', 'child_harm', 'unclear'] as const
export const CrisisKind = z.enum(crisisKinds)
export type CrisisKind = z.infer<typeof CrisisKind>

/** The higher of two urgencies. The machine may only ever raise one; lowering is a person's act (`domain/request.ts`). */
export function higherUrgency(a: Urgency, b: Urgency): Urgency {
  return urgencies.indexOf(a) >= urgencies.indexOf(b) ? a : b
}
