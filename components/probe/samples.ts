/** Scripts to begin with. */
export const samples: { label: string; script: string }[] = [
  {
    label: 'System calls by process',
    script: `// Which process asks the kernel most often?
tracepoint:raw_syscalls:sys_enter
{
  @calls[comm] = count();
}
`,
  },
  {
    label: 'Duration of reads by process',
    script: `// How long do reads take, in microseconds?
kprobe:vfs_read
{
  @start[tid] = nsecs;
}

kretprobe:vfs_read
/@start[tid]/
{
  @us[comm] = hist((nsecs - @start[tid]) / 1000);
  delete(@start[tid]);
}
`,
  },
  {
    label: 'Size of reads, linear',
    script: `// How much do reads give, in steps of 512 bytes?
tracepoint:syscalls:sys_exit_read
/args.ret > 0/
{
  @bytes[comm] = lhist(args.ret, 0, 8192, 512);
}
`,
  },
  {
    label: 'Bytes sent over TCP by process and receiver',
    script: `// Who sends how much to whom?
kprobe:tcp_sendmsg
{
  $sk = (struct sock *)arg0;
  @bytes[comm, ntop($sk->__sk_common.skc_daddr)] = sum(arg2);
}
`,
  },
]
