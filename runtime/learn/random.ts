/**
 * Seeded random numbers: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998), seeded and read out as numpy's
 * RandomState does it, so that a split or permutation is the one that scikit-learn makes with the same seed. Plain
 * closures, no global state; the same seed gives the same numbers on every machine.
 */
export interface Random {
  /** An integer in [0, 2^32). */
  uint32(): number
  /** A number in [0, 1) with 53 random bits. */
  uniform(): number
  /** Mean 0, standard deviation 1 (Marsaglia's polar method). */
  normal(): number
  /** An integer in [0, bound), bound at most 2^32, without bias. */
  integer(bound: number): number
  /** 0 to n - 1 in random order. */
  permutation(n: number): Int32Array
}

const size = 624
const middle = 397

export function openRandom(seed: number): Random {
  const state = new Uint32Array(size)
  state[0] = seed >>> 0
  for (let index = 1; index < size; index++) {
    const previous = state[index - 1]! ^ (state[index - 1]! >>> 30)
    state[index] = Math.imul(1_812_433_253, previous) + index
  }
  let position = size
  let spare: number | null = null

  const twist = (): void => {
    for (let index = 0; index < size; index++) {
      const bits = (state[index]! & 0x80000000) | (state[(index + 1) % size]! & 0x7fffffff)
      state[index] = state[(index + middle) % size]! ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0)
    }
    position = 0
  }

  const uint32 = (): number => {
    if (position === size) twist()
    let bits = state[position++]!
    bits ^= bits >>> 11
    bits ^= (bits << 7) & 0x9d2c5680
    bits ^= (bits << 15) & 0xefc60000
    bits ^= bits >>> 18
    return bits >>> 0
  }

  const uniform = (): number => {
    const high = uint32() >>> 5
    const low = uint32() >>> 6
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  const normal = (): number => {
    if (spare !== null) {
      const value = spare
      spare = null
      return value
    }
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const square = x * x + y * y
      if (square >= 1 || square === 0) continue
      const factor = Math.sqrt((-2 * Math.log(square)) / square)
      spare = factor * x
      return factor * y
    }
  }

  /** Draws until the masked bits are in range, which numpy's older generator does. */
  const integer = (bound: number): number => {
    const last = bound - 1
    if (last <= 0) return 0
    const mask = 0xffffffff >>> Math.clz32(last)
    for (;;) {
      const value = (uint32() & mask) >>> 0
      if (value <= last) return value
    }
  }

  const permutation = (n: number): Int32Array => {
    const order = Int32Array.from({ length: n }, (_, index) => index)
    for (let index = n - 1; index > 0; index--) {
      const other = integer(index + 1)
      const kept = order[index]!
      order[index] = order[other]!
      order[other] = kept
    }
    return order
  }

  return { uint32, uniform, normal, integer, permutation }
}
