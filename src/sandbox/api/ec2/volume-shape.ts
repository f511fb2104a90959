import { ApiError } from '../../protocol/api-error.js';
import { invalid } from './errors.js';
import type { VolumeShape } from './model.js';

const SIZES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  gp2: [1, 16384],
  gp3: [1, 65536],
  io1: [4, 16384],
  io2: [4, 65536],
  st1: [125, 16384],
  sc1: [125, 16384],
  standard: [1, 1024],
};

/** A volume's size, type and speed, with the defaults of its type. */
export function newShape(given: {
  readonly size: number;
  readonly type: string;
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
}): VolumeShape {
  const { size, type } = given;
  const baseline = type === 'gp2' ? Math.min(16000, Math.max(100, size * 3)) : 3000;
  return {
    size,
    type,
    iops: given.iops ?? baseline,
    throughput: type === 'gp3' ? (given.throughput ?? 125) : undefined,
  };
}

/** Refuses a type, size or speed that EBS doesn't have. */
export function checkShape({ size, type, iops, throughput }: VolumeShape): void {
  const [min, max] = SIZES[type] ?? [];
  if (min === undefined || max === undefined) throw invalid(type, 'volumeType', `Unknown volume type.`);
  if (size < min || size > max)
    throw new ApiError(
      'InvalidParameterValue',
      `Volume of ${size}GiB is invalid; valid is ${min}-${max}GiB for type ${type}`,
    );
  if (type === 'gp3' && (iops < 3000 || iops > 80000))
    throw new ApiError('InvalidParameterValue', `Volume iops of ${iops} is invalid for type gp3.`);
  if (throughput !== undefined && (throughput < 125 || throughput > 2000))
    throw new ApiError(
      'InvalidParameterValue',
      `Throughput (MiBps) of ${throughput} is invalid for type gp3.`,
    );
}
