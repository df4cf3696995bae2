/** What a notebook can import besides `suricate` and the packages of its project. */
export const toolkitModules: { readonly [specifier: string]: string } = {
  __proto__: null as never,
  danfojs: 'dfd',
  '@tensorflow/tfjs': 'tf',
}
/** Each a script of our own bundle, evaluated at its first import. */
export const ownModules = ['arquero', 'simple-statistics', 'lodash-es', 'date-fns'] as const

export const importCall = 'packages.import'
/** The file of a module's script, in the folder of the bundles. */
export function toModuleFile(name: string): string {
  return `module-${name}.js`
}
