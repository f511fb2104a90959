import type { Config } from '../../config/schema.js';
import { applicationScenarios, instanceScenarios } from './availability.js';
import { diskScenarios, forecastScenarios } from './disks.js';
import { cpuScenarios, memoryScenarios } from './machines.js';
import {
  applicationMetricScenarios,
  discoveryScenarios,
  machineMetricScenarios,
  reloadScenarios,
  ruleFailureScenarios,
  watchdogScenarios,
} from './meta.js';
import { durationScenarios, rateScenarios } from './requests.js';
import type { Scenario } from './scenario.js';

/** What each alert must do and leave, for the limits, durations and windows of a config. */
export function scenarios(config: Config): readonly Scenario[] {
  return [
    cpuScenarios,
    memoryScenarios,
    diskScenarios,
    instanceScenarios,
    applicationScenarios,
    rateScenarios,
    durationScenarios,
    watchdogScenarios,
    reloadScenarios,
    ruleFailureScenarios,
    discoveryScenarios,
    machineMetricScenarios,
    applicationMetricScenarios,
    forecastScenarios,
  ].flatMap((of) => of(config));
}
