'use client'
import { DeploymentsPage } from '../../components/deployment/deployments-page.tsx'

export default DeploymentsPage
