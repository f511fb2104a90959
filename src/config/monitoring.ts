import * as z from 'zod';
import { duration } from './duration.js';
import { https } from './https.js';
import { instanceType, port } from './values.js';

/** The monitoring host and what runs there: the section `monitoring` of cloudops.yaml. */
export const monitoring = z.strictObject({
  instanceType: instanceType.default('t3.medium'),
  volumeSize: z.int().min(8).max(16_384).default(20).describe('GB, gp3, encrypted'),
  runtime: z
    .enum(['docker', 'native'])
    .optional()
    .describe('containers or systemd services on the monitoring host'),
  prometheus: z
    .strictObject({
      port: port.default(9090),
      retention: duration.default('200h'),
      scrapeInterval: duration.default('15s'),
      evaluationInterval: duration.default('15s'),
      jobIntervals: z
        .strictObject({
          prometheus: duration.optional(),
          node: duration.optional(),
          flaskApp: duration.optional(),
        })
        .prefault({})
        .describe('jobs that are scraped more often than scrapeInterval'),
      bind: z
        .enum(['all', 'loopback'])
        .default('all')
        .describe("loopback: only reached through 'cloudops open prometheus' and by Grafana"),
      basicAuth: z.boolean().default(false).describe('ask for a login, with a generated password'),
    })
    .prefault({}),
  grafana: z
    .strictObject({
      enabled: z.boolean().default(true),
      port: port.default(3001),
      https: https.default(false),
    })
    .prefault({}),
  nodeExporter: z.strictObject({ port: port.default(9100) }).prefault({}),
});
