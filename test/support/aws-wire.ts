import type { IncomingMessage } from 'node:http';

export type Service = 'ec2' | 'iam' | 'sts' | 'ssm';

/** Which call an HTTP request to AWS is. */
export interface WireCall {
  readonly service: Service;
  readonly action: string;
}

/** An HTTP answer as a service gives it. */
export interface WireAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const versions: Readonly<Record<string, Service>> = {
  '2016-11-15': 'ec2',
  '2010-05-08': 'iam',
  '2011-06-15': 'sts',
};

/** Reads service and action out of EC2's, IAM's and STS's forms and SSM's target header. */
export function callOf(message: IncomingMessage, body: string): WireCall | undefined {
  const target = message.headers['x-amz-target'];
  if (typeof target === 'string') return { service: 'ssm', action: target.split('.')[1] ?? '' };
  const form = new URLSearchParams(body === '' ? (message.url ?? '').split('?')[1] : body);
  const service = versions[form.get('Version') ?? ''];
  const action = form.get('Action');
  return service === undefined || action === null ? undefined : { service, action };
}

/** True for calls that change something. */
export function mutates({ action }: WireCall): boolean {
  return !/^(Describe|Get|List|Decode|Search|Simulate)/.test(action);
}

const throttled: Readonly<Record<Service, readonly [number, string]>> = {
  ec2: [503, 'RequestLimitExceeded'],
  iam: [400, 'Throttling'],
  sts: [400, 'Throttling'],
  ssm: [400, 'ThrottlingException'],
};

const broken: Readonly<Record<Service, string>> = {
  ec2: 'InternalError',
  iam: 'ServiceFailure',
  sts: 'InternalFailure',
  ssm: 'InternalServerError',
};

/** "Too many requests", as the service says it. */
export function throttle({ service }: WireCall): WireAnswer {
  const [status, code] = throttled[service];
  return failure(service, status, code, 'Rate exceeded');
}

/** An internal error, as the service says it. */
export function internalError({ service }: WireCall): WireAnswer {
  return failure(service, 500, broken[service], 'An internal error has occurred');
}

/** A refusal for want of permission, as the service says it. */
export function denied({ service, action }: WireCall): WireAnswer {
  const message = `User: arn:aws:iam::123456789012:user/test is not authorized to perform: ${service}:${action}`;
  if (service === 'ec2') return failure(service, 403, 'UnauthorizedOperation', message);
  return failure(
    service,
    service === 'ssm' ? 400 : 403,
    service === 'ssm' ? 'AccessDeniedException' : 'AccessDenied',
    message,
  );
}

/** An error in the service's own shape. */
export function failure(service: Service, status: number, code: string, message: string): WireAnswer {
  if (service === 'ssm') {
    return { status, type: 'application/x-amz-json-1.1', body: JSON.stringify({ __type: code, message }) };
  }
  const inner = `<Code>${code}</Code><Message>${message}</Message>`;
  const body =
    service === 'ec2'
      ? `<Response><Errors><Error>${inner}</Error></Errors><RequestID>fault</RequestID></Response>`
      : `<ErrorResponse><Error><Type>${status >= 500 ? 'Receiver' : 'Sender'}</Type>${inner}</Error><RequestId>fault</RequestId></ErrorResponse>`;
  return { status, type: 'text/xml', body };
}
