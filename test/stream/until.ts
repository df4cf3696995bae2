/** Waits for the thing, not for a time: polls until it holds, or fails after `limitMs`. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 25_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`It did not come true within ${limitMs} ms.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
