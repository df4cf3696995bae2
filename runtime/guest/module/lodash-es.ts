export * as all from 'lodash-es'
