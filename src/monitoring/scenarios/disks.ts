import { durationSeconds } from '../../config/duration.js';
import type { Config } from '../../config/schema.js';
import { alerting, atLimit, one, overPercent, two } from './expected.js';
import { fires, lifeOf, lived, silent, type Life } from './life.js';
import { level, series, slope, type Expected, type Labels, type Part, type Scenario } from './scenario.js';

const device = { device: '/dev/nvme0n1p1', fstype: 'ext4' };
const root = { ...device, mountpoint: '/' };

/** A file system of a thousand units with these values of what is available. */
function fileSystem(life: Life, host: Labels, mount: Labels, readonly: 0 | 1, available: string): Labels {
  const always = (value: number): string => level(life.step, [value, life.total]);
  return {
    [series('node_filesystem_size_bytes', host, mount)]: always(1000),
    [series('node_filesystem_readonly', host, mount)]: always(readonly),
    [series('node_filesystem_avail_bytes', host, mount)]: available,
  };
}

/** HighDiskUsage. */
export function diskScenarios(config: Config): readonly Scenario[] {
  return [...fullScenarios(config), ...neverFullScenarios(config)];
}

function fullScenarios(config: Config): readonly Scenario[] {
  const { above, for: lasting } = config.alerts.highDiskUsage;
  const life = lifeOf({ lasting: durationSeconds(lasting) });
  const { step, high, low, total } = life;
  const over = overPercent(above);
  const alert = 'HighDiskUsage';
  const used = (...parts: readonly Part[]): string =>
    level(step, ...parts.map(([percent, lasts]) => [1000 - percent * 10, lasts] as const));
  const is = (mountpoint: string): Expected =>
    alerting(config, { alert, severity: 'warning', component: 'disk' }, { ...one, ...device, mountpoint }, [
      `File system ${mountpoint} of application-1 is filling up`,
      `${mountpoint} (/dev/nvme0n1p1) of application-1 is ${over.toFixed(1)}% full (limit ${String(above)}%).`,
    ]);
  return [
    ...lived(
      alert,
      life,
      {
        ...fileSystem(life, one, root, 0, used([over, high], [above / 2, low])),
        ...fileSystem(life, two, root, 0, used([above / 2, total])),
      },
      [is('/')],
    ),
    silent(
      alert,
      'silent at the limit',
      life,
      fileSystem(life, one, root, 0, used([atLimit(config, 'highDiskUsage'), total])),
    ),
    fires(
      alert,
      'fires for a second volume while / is fine',
      life,
      {
        ...fileSystem(life, one, root, 0, used([above / 2, total])),
        ...fileSystem(life, one, { ...device, mountpoint: '/data' }, 0, used([over, total])),
      },
      [is('/data')],
    ),
  ];
}

/** What is always full, or looks it, and hurts nobody. */
function neverFullScenarios(config: Config): readonly Scenario[] {
  const life = lifeOf({ lasting: durationSeconds(config.alerts.highDiskUsage.for) });
  const { step, total } = life;
  const alert = 'HighDiskUsage';
  const full = level(step, [0, total]);
  return [
    silent(alert, 'silent for images, which are always full', life, {
      ...fileSystem(
        life,
        one,
        { device: '/dev/loop1', fstype: 'squashfs', mountpoint: '/snap/core' },
        0,
        full,
      ),
      ...fileSystem(life, one, { device: '/dev/sr0', fstype: 'iso9660', mountpoint: '/mnt/cd' }, 0, full),
    }),
    silent(alert, 'silent for memory and layers of containers', life, {
      ...fileSystem(life, one, { device: 'tmpfs', fstype: 'tmpfs', mountpoint: '/run' }, 0, full),
      ...fileSystem(life, one, { device: 'overlay', fstype: 'overlay', mountpoint: '/merged' }, 0, full),
    }),
    silent(
      alert,
      'silent for what cannot be written',
      life,
      fileSystem(life, one, { ...device, mountpoint: '/mnt/image' }, 1, full),
    ),
    silent(alert, 'silent for a file system without a size', life, {
      ...fileSystem(life, one, root, 0, full),
      [series('node_filesystem_size_bytes', one, root)]: full,
    }),
  ];
}

/** Well within a day; odd, so that no percentage falls on the edge of its rounding. */
const fillingHours = 20.37;

/** DiskWillFillIn24h. */
export function forecastScenarios(config: Config): readonly Scenario[] {
  const { above, for: lasting, window } = config.alerts.diskWillFillIn24h;
  const life = lifeOf({ lasting: durationSeconds(lasting) });
  const { step, high, low, total, during } = life;
  const alert = 'DiskWillFillIn24h';
  /** From this percentage on, full in so many hours. */
  const filling = (percent: number, hours: number, lasts: number): string =>
    slope(step, 1000 - percent * 10, -(1000 - percent * 10) / (hours * 3600), lasts);
  const start = above + (100 - above) / 4;
  const is = (seconds: number): Expected => {
    const free = 100 - start;
    const used = start + (free * seconds) / (fillingHours * 3600);
    return alerting(config, { alert, severity: 'warning', component: 'disk' }, { ...one, ...root }, [
      'File system / of application-1 will be full within a day',
      `/ (/dev/nvme0n1p1) of application-1 is ${used.toFixed(1)}% full, and at the pace of the last ${window} nothing is left in 24 hours.`,
    ]);
  };
  const steady = fileSystem(life, two, root, 0, level(step, [300, total]));
  const course = {
    ...steady,
    ...fileSystem(
      life,
      one,
      root,
      0,
      `${filling(start, fillingHours, high)} ${level(step, [1000 - above * 5, low])}`,
    ),
  };
  const [early, , over] = lived(alert, life, course, []);
  return [
    ...(early === undefined || over === undefined ? [] : [early, over]),
    {
      alert,
      name: 'fires after it, and for that one alone',
      step,
      series: course,
      at: during.map((seconds) => ({ seconds, fires: [is(seconds)] })),
    },
    silent(alert, 'silent while there is much room, however fast it fills', life, {
      ...fileSystem(life, one, root, 0, filling(above / 2, fillingHours, total)),
    }),
    silent(alert, 'silent while it fills too slowly', life, {
      ...fileSystem(life, one, root, 0, filling(start, 240, total)),
    }),
    silent(alert, 'silent where nothing grows', life, {
      ...fileSystem(life, one, root, 0, level(step, [50, total])),
    }),
    silent(alert, 'silent for what cannot be written, and for memory', life, {
      ...fileSystem(life, one, root, 1, filling(start, fillingHours, total)),
      ...fileSystem(
        life,
        one,
        { device: 'tmpfs', fstype: 'tmpfs', mountpoint: '/tmp' },
        0,
        filling(start, fillingHours, total),
      ),
    }),
  ];
}
