import { idParams, operation } from './operation.ts'

export const declarationOperations = {
  getNotebookDeclarations: operation({
    method: 'get',
    path: '/notebooks/{id}/declarations',
    tag: 'notebooks',
    summary:
      "TypeScript declarations of the workspace's names, for a notebook; 304 with the ETag of If-None-Match",
    scope: 'read',
    params: idParams,
    produces: ['text/plain'],
  }),
}
