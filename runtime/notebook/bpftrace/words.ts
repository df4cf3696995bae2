/** What bpftrace knows by name, as its reference has it: probes with what stands behind the colons, and words of bodies. */

export interface ProbeForm {
  /** Parts behind the type, between colons: at least and at most. */
  parts: [least: number, most: number]
  like: string
}
const form = (least: number, most: number, like: string): ProbeForm => ({ parts: [least, most], like })
const kprobe = form(1, 2, 'kprobe:vfs_read')
const kretprobe = form(1, 2, 'kretprobe:vfs_read')
const fentry = form(1, 2, 'fentry:vfs_read')
const tracepoint = form(2, 2, 'tracepoint:syscalls:sys_enter_open')
const rawTracepoint = form(1, 2, 'rawtracepoint:sched_switch')
const uprobe = form(2, 3, 'uprobe:/bin/bash:readline')
const usdt = form(2, 3, 'usdt:/usr/bin/node:gc__start')
const software = form(1, 2, 'software:page-faults:100')
const hardware = form(1, 2, 'hardware:cache-misses:1000000')
const profile = form(1, 2, 'profile:hz:99')
const interval = form(1, 2, 'interval:s:1')
const watchpoint = form(2, 4, 'watchpoint:0x10000000:8:rw')
const iterator = form(1, 2, 'iter:task')
const alone = (name: string): ProbeForm => form(0, 0, name)

export const probeForms: ReadonlyMap<string, ProbeForm> = new Map([
  ['BEGIN', alone('BEGIN')],
  ['END', alone('END')],
  ['begin', alone('begin')],
  ['end', alone('end')],
  ['self', form(1, 2, 'self:signal:SIGUSR1')],
  ['test', form(1, 1, 'test:name')],
  ['bench', form(1, 1, 'bench:name')],
  ['kprobe', kprobe],
  ['k', kprobe],
  ['kretprobe', kretprobe],
  ['kr', kretprobe],
  ['fentry', fentry],
  ['fexit', fentry],
  ['f', fentry],
  ['fr', fentry],
  ['kfunc', fentry],
  ['kretfunc', fentry],
  ['tracepoint', tracepoint],
  ['t', tracepoint],
  ['rawtracepoint', rawTracepoint],
  ['rt', rawTracepoint],
  ['uprobe', uprobe],
  ['u', uprobe],
  ['uretprobe', uprobe],
  ['ur', uprobe],
  ['usdt', usdt],
  ['U', usdt],
  ['software', software],
  ['s', software],
  ['hardware', hardware],
  ['h', hardware],
  ['profile', profile],
  ['p', profile],
  ['interval', interval],
  ['i', interval],
  ['watchpoint', watchpoint],
  ['w', watchpoint],
  ['asyncwatchpoint', watchpoint],
  ['aw', watchpoint],
  ['iter', iterator],
  ['it', iterator],
])
export const units: ReadonlySet<string> = new Set(['hz', 's', 'ms', 'us', 'ns'])

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))
export const builtins = words(`
  pid tid uid gid username nsecs elapsed cpu comm kstack ustack args retval func probe curtask rand cgroup cpid
  numaid ncpus ppid usermode jiffies ctx sarg0 sarg1 sarg2 sarg3 sarg4 sarg5
  arg0 arg1 arg2 arg3 arg4 arg5 arg6 arg7 arg8 arg9 bpftrace perf raw boot monotonic sw_tai tai true false`)
/** Those that make a map an aggregation, which loses nothing when it is printed and cleared. */
export const aggregations = words('count sum avg min max stats hist lhist tseries')
export const functions = words(`
  ${[...aggregations].join(' ')}
  printf print printk errorf warnf debugf clear zero delete exit system cat join time strftime str buf kstr path
  ksym usym kaddr uaddr reg cgroupid cgroup_path macaddr ntop pton signal override strncmp strcontains strerror
  strlen strcap strstr bswap skboutput kptr uptr sizeof offsetof has_key len nsecs kstack ustack assert assert_str
  fail unwatch socket_cookie pid tid ppid percpu_kaddr cgroup_id comm default_str_cap memcmp substr
  is_array is_integer is_literal is_ptr is_str is_unsigned_integer static_assert syscall_name usermode`)
export const keywords = words(`
  if else unroll while for return break continue let struct union enum sizeof offsetof macro fn import config
  unsigned signed const as comptime typeof typeinfo`)
export const types = words(`
  int8 int16 int32 int64 uint8 uint16 uint32 uint64 int char short long void bool string buffer inet
  size_t ssize_t pid_t u8 u16 u32 u64 s8 s16 s32 s64 int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t
  uint64_t uintptr_t sockaddr sockaddr_in sockaddr_in6 count_t sum_t min_t max_t avg_t stats_t hist_t lhist_t
  tseries_t usym_t ksym_t kstack_t ustack_t timestamp username`)

/** The known name nearest to a wrong one, or none within two changes. */
export function findNear(wrong: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.min(3, wrong.length)
  for (const one of known) {
    const distance = toDistance(wrong, one, least)
    if (distance < least) [best, least] = [one, distance]
  }
  return best
}
function toDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
