import * as z from 'zod';
import { imageProblem } from './image-reference.js';
import { instanceType, path, port } from './values.js';

const image = z.string().superRefine((value, context) => {
  const problem = imageProblem(value);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

/** YAML's numbers and booleans are meant as they are written. */
const variable = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** The application hosts and what runs there: the section `application` of cloudops.yaml. */
export const application = z.strictObject({
  instanceType: instanceType.default('t3.small'),
  volumeSize: z.int().min(8).max(16_384).default(10).describe('GB, gp3, encrypted'),
  count: z.int().min(1).max(100).default(1).describe('how many application hosts'),
  port: port.default(3000),
  metricsPath: z
    .string()
    .regex(/^\/[\w./~%+-]*$/, "use a path that starts with '/', such as /metrics")
    .default('/metrics'),
  enabled: z.boolean().default(true).describe('false: leave what runs there alone and only scrape it'),
  image: image.optional().describe('your own container in place of the placeholder, by tag or digest'),
  containerPort: port.optional().describe('where the container listens; default: application.port'),
  environment: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'use letters, digits and underscores'), variable)
    .default({})
    .describe('variables for the container that anybody may read'),
  environmentFile: path
    .optional()
    .describe('a file on this machine with secret ones, KEY=value lines, from the folder of this file'),
});
