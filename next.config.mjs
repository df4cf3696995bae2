/**
 * The pages' build. Types are checked by `npm run check` with TypeScript 7, which Next's own check cannot drive.
 * The frame that renders rich outputs has a policy of its own: no network, no inline script.
 */
const page = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "frame-src 'self'",
  "frame-ancestors 'none'",
  "form-action 'self'",
  "base-uri 'none'",
  "object-src 'none'",
].join('; ')
const outputFrame = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'font-src data:',
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-scripts',
].join('; ')
const common = [
  { key: 'x-content-type-options', value: 'nosniff' },
  { key: 'referrer-policy', value: 'same-origin' },
]

/** @type {import('next').NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true, tsconfigPath: 'app/tsconfig.json' },
  devIndicators: false,
  experimental: { optimizePackageImports: ['@tabler/icons-react', '@mantine/core', '@mantine/hooks'] },
  // browsers ask for it by this name between two pages, whatever the pages link
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  async headers() {
    return [
      {
        source: '/((?!output-frame).*)',
        headers: [...common, { key: 'content-security-policy', value: page }],
      },
      {
        source: '/output-frame.html',
        headers: [...common, { key: 'content-security-policy', value: outputFrame }],
      },
    ]
  },
}
