'use client'
import { ProbePage } from '../../components/probe/probe-page.tsx'

export default ProbePage
