'use client'
import { AlertsPage } from '../../components/alert/alerts-page.tsx'

export default AlertsPage
