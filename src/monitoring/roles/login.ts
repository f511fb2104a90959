import type { Step } from '../../hosts/step.js';
import { absent } from '../../hosts/steps/absent.js';
import { file, files } from '../../hosts/steps/file.js';
import {
  grafanaLoginPath,
  loginFiles,
  loginOf,
  prometheusPasswordPath,
  webConfigPath,
  type PrometheusLogin,
} from '../prometheus-login.js';
import type { RoleInput } from './role.js';

/**
 * The files of Prometheus' login, before it is told to ask for it: they take effect at the next request. `check` is
 * promtool with its words, to which the new file is given.
 */
export function loginSteps(input: RoleInput, owner: string, check: string): readonly Step[] {
  const login = wantedLogin(input);
  if (login === undefined) return [];
  return [files({ name: 'prometheus login', files: loginFiles(login, owner), validate: check })];
}

/** After Prometheus runs without: nobody needs the login any more. */
export function noLoginSteps({ model }: RoleInput): readonly Step[] {
  if (loginOf(model.config) !== undefined) return [];
  return [absent({ name: 'prometheus login', paths: [webConfigPath, prometheusPasswordPath] })];
}

/** What Grafana's data source logs in with. */
export function grafanaLoginSteps(input: RoleInput, owner: string): readonly Step[] {
  const login = wantedLogin(input);
  if (login === undefined) return [];
  const content = login.password.reveal();
  return [file({ path: grafanaLoginPath, content, mode: 0o600, owner, secret: true })];
}

/** After Grafana runs with a data source that needs none. */
export function noGrafanaLoginSteps({ model }: RoleInput): readonly Step[] {
  if (loginOf(model.config) !== undefined) return [];
  return [absent({ name: "login of Grafana's data source", paths: [grafanaLoginPath] })];
}

/** Files that Grafana reads at its start beside its configuration. */
export function grafanaSecrets({ model }: Pick<RoleInput, 'model'>): readonly string[] {
  return loginOf(model.config) === undefined ? [] : [grafanaLoginPath];
}

function wantedLogin({ model, prometheusLogin }: RoleInput): PrometheusLogin | undefined {
  if (loginOf(model.config) === undefined) return undefined;
  if (prometheusLogin === undefined) throw new Error('the login of Prometheus is wanted');
  return prometheusLogin;
}
