// Loaded into a measured process: writes its peak memory (kB) to the file that BENCH_PEAK names. The kernel's figure
// for this program alone; rusage would count what was resident before exec.
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  let peak = process.resourceUsage().maxRSS;
  try {
    peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? peak);
  } catch {
    // no /proc: rusage has to do
  }
  writeFileSync(process.env.BENCH_PEAK, String(peak));
});
