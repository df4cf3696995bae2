/** The toolkit in the real sandboxes: from the snapshot, and loaded late into a kernel that user code has run in. */
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildGuest } from '../../../runtime/guest/build/build.ts'
import { openSandboxes } from '../../../runtime/sandbox/open.ts'
import type { Sandbox, Sandboxes } from '../../../runtime/sandbox/port.ts'

let sandboxes: Sandboxes
beforeAll(async () => {
  const { out } = await buildGuest()
  sandboxes = await openSandboxes({
    log: pino({ level: 'silent' }),
    pool: 1,
    singleUser: true,
    buildDir: out,
  })
})
afterAll(() => sandboxes.close())

const open = (): Promise<Sandbox> => sandboxes.open({ workspace: 'toolkit', host: {}, onOutput() {} })
async function run(sandbox: Sandbox, source: string): Promise<string | undefined> {
  const { status, value, error } = await sandbox.execute({ id: 'cell', label: '1', source })
  return status === 'ok' ? value : `${status}: ${error?.message}`
}

const work = `const frame = new dfd.DataFrame({ a: [1, 2, 3], b: [4, 5, 7] })
const product = tf.matMul(tf.ones([128, 128]), tf.ones([128, 128]))
const random = learn.random(1)
const X = Array.from({ length: 256 }, () => [random.normal(), random.normal()])
const scores = learn.isolationForest.score(learn.isolationForest.fit(X), X);
[frame.mean({ axis: 0 }).values.map((mean) => mean.toFixed(2)), product.dataSync()[5], tf.getBackend(), scores.length].join()`
const result = '2.00,5.33,128,wasm,256'

describe('the toolkit in a kernel', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await open()
  })
  afterAll(() => sandbox.close())

  test('danfojs, tfjs on WASM and learn give results', async () => {
    expect(await run(sandbox, work)).toBe(result)
  })

  test('comes late into a kernel that user code has run in', async () => {
    const late = await open()
    const watch =
      'let seen = 0; Object.defineProperty(globalThis, "WebAssembly", { set() { seen++ }, configurable: true }); seen'
    expect(await run(late, watch)).toBe('0')
    expect(await run(late, work)).toBe(result)
    expect(await run(late, 'seen + " " + typeof WebAssembly')).toBe('0 undefined')
    await late.close()
  })

  test('is importable', async () => {
    expect(
      await run(sandbox, 'import { tf as T, learn as L } from "suricate"; T === tf && L === learn'),
    ).toBe('true')
  })

  test('tfjs trains a model', async () => {
    const source = `const net = tf.sequential({ layers: [
      tf.layers.dense({ units: 4, activation: 'relu', inputShape: [2] }), tf.layers.dense({ units: 1 })] })
    net.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
    const fitted = await net.fit(tf.randomNormal([64, 2]), tf.randomNormal([64, 1]), { epochs: 3 })
    fitted.history.loss.length + " " + net.predict(tf.ones([5, 2])).shape`
    expect(await run(sandbox, source)).toBe('3 5,1')
  })

  test('gradients of kernels that WASM lacks are there on the CPU backend', async () => {
    expect(
      await run(
        sandbox,
        'tf.setBackend("cpu"); tf.grad((x) => x.square().sum())(tf.tensor1d([1, 2])).dataSync().join()',
      ),
    ).toBe('2,4')
    expect(await run(sandbox, 'tf.setBackend("wasm"); tf.getBackend()')).toBe('wasm')
  })

  test('danfojs groups, describes and prints', async () => {
    expect(
      await run(
        sandbox,
        'new dfd.DataFrame({ a: ["x", "y", "x"], b: [1, 2, 3] }).groupby(["a"]).sum().values',
      ),
    ).toBe('[["x",4],["y",2]]')
    expect(await run(sandbox, 'new dfd.Series([1, 2, 2, 5]).describe().values')).toBe(
      '[4,2.5,1.7320508075688772,1,2,5,3]',
    )
    expect(await run(sandbox, 'new dfd.DataFrame({ a: [1, 2] }).print()')).toBe('undefined')
  })

  test('nothing leads from tf to the constructors of WebAssembly', async () => {
    const source = `tf.ones([1]).dataSync()
    const names = Object.values(tf.backend().wasm.asm).filter((v) => typeof v !== 'function').map((v) => v.constructor.name)
    names.join() + typeof WebAssembly + typeof suricateToolkit`
    expect(await run(sandbox, source)).toBe('Object,Objectundefinedundefined')
  })
})

describe('learn in a kernel', () => {
  test('an error names what is wrong, at the cell', async () => {
    const sandbox = await open()
    const { status, error } = await sandbox.execute({
      id: 'cell',
      label: '1',
      source: '\nlearn.matrix([[1], [2, 3]])',
    })
    expect({ status, name: error?.name, message: error?.message, line: error?.line }).toEqual({
      status: 'error',
      name: 'AppError',
      message: 'X has 1 columns but row 1 has 2',
      line: 2,
    })
    await sandbox.close()
  })
})
