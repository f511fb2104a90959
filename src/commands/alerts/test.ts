import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import type { AlertTests } from '../../operations/test-alerts.js';

export default class AlertsTest extends BaseCommand {
  static override summary = 'test the alert rules that this config makes';
  static override description =
    'Our scenarios, made for the limits, durations and windows of the config, and your own unit tests, by promtool ' +
    "($CLOUDOPS_PROMTOOL, or in PATH). Your files name 'alert-rules.yml' and 'meta-rules.yml' in 'rule_files': they are " +
    'taken as rendered from the config. Touches no host; exit code 1 when a test fails.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> alerts test',
    '<%= config.bin %> alerts test rules.test.yml',
  ];
  static override args = {
    file: Args.string({ description: "files of promtool's unit tests, any number" }),
  };

  async run(): Promise<AlertTests> {
    const { argv, flags } = await this.parse(AlertsTest);
    const { findPromtool } = await import('../../cli/promtool.js');
    const { testAlerts } = await import('../../operations/test-alerts.js');
    const context = await this.context({ ...flags, sandbox: false });
    const promtool = findPromtool();
    const result = await testAlerts(context, { promtool, files: argv as string[] });
    for (const { subject, name, message } of result.tests.filter(({ status }) => status === 'fail')) {
      this.log(`FAIL  ${subject}: ${name}`);
      this.log((message ?? '').replaceAll(/^/gm, '      '));
    }
    const subjects = [...new Set(result.tests.map(({ subject }) => subject))];
    for (const subject of subjects) {
      const of = result.tests.filter((test) => test.subject === subject);
      const passed = of.filter(({ status }) => status === 'pass').length;
      this.log(`${passed === of.length ? 'ok  ' : 'FAIL'}  ${subject}: ${passed} of ${of.length}`);
    }
    this.log(`${result.summary.pass} passed, ${result.summary.fail} failed.`);
    if (!result.ok) this.exitWith(1);
    return result;
  }
}
