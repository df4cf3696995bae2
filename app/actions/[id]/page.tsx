'use client'
import { ActionPage } from '../../../components/action/action-page.tsx'

export default ActionPage
