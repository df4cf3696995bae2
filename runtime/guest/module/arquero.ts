export * as all from 'arquero'
