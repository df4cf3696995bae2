'use client'
import { AppPage } from '../../../../components/app/app-page.tsx'

export default AppPage
