import { describe, expect, test } from 'vitest'
import { checkScript, findMaps } from '../../runtime/notebook/bpftrace/check.ts'

/** Each fault as the text that is underlined, and what is said of it. */
const told = (script: string): [string, string][] =>
  checkScript(script).map(({ start, end, message }) => [script.slice(start, end), message])

describe('checkScript of what bpftrace takes', () => {
  test.each([
    'BEGIN { printf("Hello, %s\\n", "you"); } END { clear(@); }',
    'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }',
    '#!/usr/bin/env bpftrace\n// reads\nkprobe:vfs_read { @start[tid] = nsecs; }\nkretprobe:vfs_read /@start[tid]/ {\n  @ns[comm] = hist(nsecs - @start[tid]);\n  delete(@start[tid]);\n}',
    'tracepoint:syscalls:sys_exit_read /args.ret > 0/ { @bytes = lhist(args->ret, 0, 2000, 200); }',
    'profile:hz:99 /pid != 0 && comm == "node"/ { @[kstack, ustack, comm] = count() }',
    'uprobe:/bin/bash:readline, uretprobe:/usr/lib/x.so:"std::f(int)" { printf("%s\\n", str(arg0)); }',
    'kprobe:tcp_connect { $sk = (struct sock *)arg0; $d = $sk->__sk_common.skc_daddr; @[ntop($d), comm] = count(); }',
    'interval:s:1 { if (@a > 5) { print(@a); } else { clear(@a) } time("%H:%M:%S\\n"); }',
    'interval:ms:100 { $i = 0; while ($i < 10) { $i++; } unroll (3) { printf("x") } }',
    'struct event { int pid; char name[16]; };\ntracepoint:sched:sched_switch { @[cpu] = sum(1) }',
    '#include <linux/sched.h>\nkprobe:do_exit /((struct task_struct *)curtask)->pid == 1/ { printf("%d %d", AF_INET, (uint64)arg1); }',
    'BEGIN { $x = pid ? 1 : 0; @y[$x, "a" ] = (1, 2); let $z = 3; $z += 1; @t = @t + $z }',
    'BEGIN { for ($kv : @map) { print($kv); } @a = 0x1f + 1e3; @b = nsecs(sw_tai); exit(); }',
    'config = { max_map_keys=10 } software:page-faults:100 { @[comm] = count(); }',
    'kprobe:vfs_* { @[func] = count(); } i:s:5 { exit(); }',
    'usdt:/usr/bin/node:gc__start { /* it\n collects */ @ = count(); }',
  ])('%s', (script) => {
    expect(told(script)).toEqual([])
  })
})

describe('checkScript of what it refuses', () => {
  const cases: [script: string, ...faults: [string, string][]][] = [
    ['', ['', 'The script is empty. Begin with a probe, such as interval:s:1 { … }']],
    ['kporbe:vfs_read { }', ['kporbe', 'There is no probe type "kporbe". Is kprobe meant?']],
    ['interval:s { }', ['interval:s', 'This is written as interval:s:1']],
    ['interval:sec:1 { }', ['interval:sec:1', '"sec" is no unit; the units are hz, s, ms, us, ns.']],
    ['interval:s:0 { }', ['interval:s:0', '"0" is no whole number above 0.']],
    [
      'tracepoint:open { }',
      ['tracepoint:open', 'A tracepoint probe is written as tracepoint:syscalls:sys_enter_open'],
    ],
    [
      'BEGIN { printf("x); }',
      ['{', 'This { has no }.'],
      ['(', 'This ( has no ).'],
      ['"x); }', 'This text has no end: " is missing.'],
    ],
    ['BEGIN { @ = count(; }', ['(', 'This ( has no ).']],
    ['BEGIN { exit(); ', ['{', 'This { has no }.']],
    ['BEGIN { exit(); } }', ['}', 'This } closes nothing.']],
    ['BEGIN', ['BEGIN', 'A probe needs what it does between braces: { … }']],
    ['{ exit() }', ['{', 'A probe is missing before {, such as interval:s:1']],
    ['BEGIN, { exit() }', [' ', 'A probe is missing here.']],
    ['BEGIN { @ = cuont(); }', ['cuont', 'There is no function "cuont". Is count meant?']],
    ['BEGIN { @[com] = count(); }', ['com', 'There is no variable "com". Is comm meant?']],
    ['BEGIN { @ = count; }', ['count', 'count is a function: count()']],
    ['BEGIN { print($x); }', ['$x', '$x has no value here: $x = … is missing in this probe.']],
    ['BEGIN { @a = 1 @b = 2; }', ['1', 'A ; is missing behind 1']],
    ['BEGIN { @a = count()\n @b = 2; }', [')', 'A ; is missing behind )']],
    [
      "BEGIN { print('x'); }",
      ["'", 'Texts stand between ", not between \'.'],
      ['x', 'There is no variable "x".'],
      ["'", 'Texts stand between ", not between \'.'],
    ],
    ['/* BEGIN { }', ['/*', 'This comment has no end: */ is missing.']],
    ['kprobe:f /pid == 1 { @ = count(); }', ['/pid == 1', 'This filter has no end: / is missing.']],
    ['kprobe:f // { }', ['kprobe:f', 'A probe needs what it does between braces: { … }']],
  ]
  test.each(cases)('%s', (script, ...faults) => {
    expect(told(script)).toEqual(faults)
  })
  test('reads scripts of any bytes to the end, with at most 50 faults', () => {
    for (let seed = 1; seed < 400; seed++) {
      const script = Array.from(
        { length: 60 },
        (_, i) => '{}()[]/"@$;:,ab1 \n*#'[(seed * (i + 7) * (i + seed)) % 20],
      ).join('')
      expect(checkScript(script).length).toBeLessThanOrEqual(50)
    }
  })
})

test('findMaps tells what is filled, and whether by aggregations alone', () => {
  const found = findMaps(
    'kprobe:f { @start[tid] = nsecs; @n[comm, (1, 2)] = count(); @n[1] = sum(2); @i++; } END { clear(@start) }',
  )
  expect([...found.maps]).toEqual([
    ['@start', false],
    ['@n', true],
    ['@i', false],
  ])
  expect([found.prints, [...found.cleared]]).toEqual([false, ['@start']])
})
