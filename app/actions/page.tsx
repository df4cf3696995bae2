'use client'
import { ActionsPage } from '../../components/action/actions-page.tsx'

export default ActionsPage
