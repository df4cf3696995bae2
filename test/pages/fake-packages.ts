/** The packages of a project: one that is there, one that failed; a third is ready when it is looked at again. */
import type { ProjectPackage } from '../../runtime/api/packages.ts'
import type { Answers } from './fake-answer.ts'

export function createPackages(full: boolean): Answers {
  const now = Date.now()
  const newPackage = (name: string, requested: string): ProjectPackage => ({
    id: `package-${name}`,
    project: 'project-machine',
    name,
    requested,
    state: 'adding',
    step: 'Asking the registry',
    error: null,
    bundle: null,
    by: 'owner',
    createdAt: now,
    updatedAt: now,
  })
  const ready = (version: string): Partial<ProjectPackage> => ({
    state: 'ready',
    step: null,
    bundle: {
      version,
      integrity: `sha512-${'a'.repeat(86)}==`,
      licence: 'ISC',
      bytes: 40_210,
      sha256: 'f'.repeat(64),
      dependencies: [{ name: 'internmap', version: '2.0.3', integrity: `sha512-${'b'.repeat(86)}==` }],
    },
  })
  let packages: ProjectPackage[] = full
    ? [
        { ...newPackage('d3-array', '^3'), ...ready('3.2.4') },
        {
          ...newPackage('sharp', 'latest'),
          state: 'failed',
          step: null,
          error: 'sharp needs node:child_process of Node, which notebooks do not have.',
        },
      ]
    : []
  let looks = 0
  return {
    findPackages: () => {
      looks += 1
      const items = packages
      if (looks > 2)
        packages = packages.map((one) => (one.state === 'adding' ? { ...one, ...ready('1.0.0') } : one))
      return { items }
    },
    addPackage: ({ body }) => {
      const made = newPackage(String(body['name']), String(body['version'] ?? 'latest'))
      packages = [...packages.filter(({ name }) => name !== made.name), made]
      looks = 1
      return made
    },
    deletePackage: ({ params }) => {
      packages = packages.filter(({ id }) => id !== params['package'])
    },
  }
}
