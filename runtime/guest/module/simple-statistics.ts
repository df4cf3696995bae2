export * as all from 'simple-statistics'
