interface Colleague {
  readonly id: number
  readonly name: string
  readonly role: string
  readonly agencyId: number | null
  readonly personId: number | null
}

/**
 * 重办: who takes it when the resident says it is not solved — the lead of the agency that had it, if there is one in chat who
 * did not do the work themselves, else the coordinator.
 */
export function reopensTo<C extends Colleague>(
  request: { readonly assignee: Pick<Colleague, 'id' | 'agencyId'> | null },
  directory: readonly C[],
  coordinator: C,
): C {
  const { assignee } = request
  const lead = directory.find(
    (s) => s.role === 'lead' && s.personId !== null && s.agencyId === assignee?.agencyId && s.id !== assignee.id,
  )
  return assignee === null || assignee.agencyId === null ? coordinator : (lead ?? coordinator)
}
