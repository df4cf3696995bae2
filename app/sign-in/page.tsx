'use client'
import { SignInPage } from '../../components/settings/sign-in-page.tsx'

export default SignInPage
