'use client'
import { SettingsPage } from '../../components/settings/settings-page.tsx'

export default SettingsPage
