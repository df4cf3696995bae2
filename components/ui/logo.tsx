/** A meerkat on guard, in a few strokes. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden className="logo">
      <path d="M9 4.6C9 2.9 10.4 2 12 2s3 .9 3 2.6c0 .9.6 1.2 1.4 1.7.5.3.4 1-.2 1.2L15 8c-.3 1 .1 1.7.5 2.7.8 1.7 1 3.6.9 5.6-.1 2-.6 3.7-1.4 5.7H9.200c-.9-2-1.5-3.800-1.600-5.800-.1-2 .2-3.900.9-5.500C8.900 9.700 9 9 9 8Z" />
      <path d="M16 20.600c2.200.3 3.600-.500 3.600-2.200" className="logo-tail" />
      <circle cx="12.800" cy="4.800" r=".9" className="logo-eye" />
    </svg>
  )
}
