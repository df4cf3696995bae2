'use client'
import { DeploymentPage } from '../../../components/deployment/deployment-page.tsx'

export default DeploymentPage
