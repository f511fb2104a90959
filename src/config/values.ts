import * as z from 'zod';

/** A TCP port. */
export const port = z.int().min(1).max(65_535);

export const instanceType = z
  .string()
  .regex(/^[a-z0-9-]+\.[a-z0-9-]+$/, 'use an EC2 instance type such as t3.medium');

/** A file on the operator's machine. */
export const path = z.string().min(1, 'name a file');
