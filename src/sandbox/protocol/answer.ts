import type { ApiError } from './api-error.js';
import type { ServiceName } from './request.js';
import { content, element, type Answer } from './xml.js';

/** An HTTP answer, ready to be sent. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACES = {
  ec2: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
} as const;

/** A successful answer in the service's own protocol. */
export function success(service: ServiceName, action: string, result: Answer, id: string): HttpAnswer {
  if (service === 'ssm' || service === 'servicequotas') return json(200, result ?? {});
  const space = `xmlns="${NAMESPACES[service]}"`;
  if (service === 'ec2') {
    const inside = element('requestId', id, 'item') + content(result, 'item');
    return xml(200, `<${action}Response ${space}>${inside}</${action}Response>`);
  }
  const body = result === undefined ? '' : element(`${action}Result`, result, 'member');
  const meta = element('ResponseMetadata', { RequestId: id }, 'member');
  return xml(200, `<${action}Response ${space}>${body}${meta}</${action}Response>`);
}

/** An error in the service's own shape. */
export function failure(service: ServiceName, error: ApiError, id: string): HttpAnswer {
  const { code, message, status } = error;
  if (service === 'ssm' || service === 'servicequotas') return json(status, { __type: code, message });
  if (service === 'ec2') {
    const errors = element('Errors', { Error: { Code: code, Message: message } }, 'item');
    return xml(status, `<Response>${errors}${element('RequestID', id, 'item')}</Response>`);
  }
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const inside = element('Error', { Type: type, Code: code, Message: message }, 'member');
  const space = `xmlns="${NAMESPACES[service]}"`;
  return xml(
    status,
    `<ErrorResponse ${space}>${inside}${element('RequestId', id, 'member')}</ErrorResponse>`,
  );
}

const xml = (status: number, body: string): HttpAnswer => ({
  status,
  type: 'text/xml;charset=UTF-8',
  body: HEAD + body,
});

const json = (status: number, value: unknown): HttpAnswer => ({
  status,
  type: 'application/x-amz-json-1.1',
  body: JSON.stringify(value),
});
