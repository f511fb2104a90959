import type { Probe } from '../probe.js';
import type { Service } from '../service.js';

/** Whoever has no password is not answered. `stranger` is Prometheus, asked without a login. */
export function prometheusAsks(target: string, stranger: Service): Probe {
  return {
    id: 'prometheus.login',
    target,
    title: `Login of Prometheus on ${target}`,
    async run(signal) {
      const { status } = await stranger.get('/api/v1/status/buildinfo', signal);
      if (status === 401) return { status: 'pass', message: 'asks for a login' };
      return {
        status: 'fail',
        message: `${stranger.where} answered ${status} to somebody without a password`,
        expected: "a 401: 'monitoring.prometheus.basicAuth' is true",
        hint: "Run 'cloudops monitoring configure': it has Prometheus ask for the login.",
      };
    },
  };
}
