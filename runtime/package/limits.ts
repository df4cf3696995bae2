/** What adding one package may take. */
export const packageLimits = {
  /** With its dependencies. */
  packages: 200,
  /** One answer of the registry, of a tarball or of a package's metadata. */
  answerBytes: 30_000_000,
  /** All tarballs, unpacked. */
  unpackedBytes: 150_000_000,
  files: 30_000,
  bundleBytes: 8_000_000,
  bundleMs: 60_000,
  bundleRssMb: 1_024,
  perProject: 50,
  totalMs: 300_000,
} as const

export function toMb(bytes: number): string {
  return `${Number((bytes / 1e6).toFixed(1))} MB`
}
