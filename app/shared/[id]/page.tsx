'use client'
import { SharedPage } from '../../../components/app/shared-page.tsx'

export default SharedPage
