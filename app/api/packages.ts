/** The packages of a project. */
import type { Actor } from '../../runtime/access/actor.ts'
import type { packageOperations } from '../../runtime/api/packages.ts'
import type { Packages } from '../../runtime/package/packages.ts'
import type { Projects } from '../../runtime/project/projects.ts'
import type { Handlers } from './handler.ts'
import { checkSeen } from './notebooks.ts'

export function packageHandlers(services: {
  packages: Packages
  projects: Projects
}): Handlers<keyof typeof packageOperations> {
  const { packages, projects } = services
  const see = async (actor: Actor, id: string): Promise<void> => {
    checkSeen(actor, id, 'project', id)
    await projects.get(actor.workspace, id)
  }
  return {
    findPackages: async ({ actor, params: { id } }) => {
      await see(actor, id)
      return { items: await packages.find(actor.workspace, id) }
    },
    addPackage: async ({ actor, params: { id }, body }) => {
      await see(actor, id)
      return packages.add(actor.workspace, id, body, actor.name)
    },
    deletePackage: async ({ actor, params }) => {
      await see(actor, params.id)
      await packages.delete(actor.workspace, params.id, params.package)
    },
  }
}
