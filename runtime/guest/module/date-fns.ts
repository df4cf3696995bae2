export * as all from 'date-fns'
