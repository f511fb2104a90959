import { ApiError } from '../../protocol/api-error.js';
import { need, struct } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { profileArn } from '../iam/arns.js';
import { newId } from '../ids.js';
import { listed, PAGE, select, type Describable } from './describe.js';
import { missing, notFound } from './errors.js';
import { instanceOf } from './instance-attributes.js';
import { visible } from './instances.js';
import { findProfile } from './launch-references.js';
import type { Instance, ProfileAssociation } from './model.js';

interface Entry {
  readonly instance: Instance;
  readonly association: ProfileAssociation;
}

const kind: Describable<Entry> = {
  ids: { parameter: 'AssociationId', prefix: 'iip-assoc', of: ({ association }) => association.id },
  page: PAGE,
  filters: { 'instance-id': ({ instance }) => instance.id, state: () => 'associated' },
};

const entries = (call: Call): readonly Entry[] =>
  visible(call).flatMap((instance) =>
    instance.profile === undefined || instance.state === 'terminated'
      ? []
      : [{ instance, association: instance.profile }],
  );

const render = ({ instance, association }: Entry): Answer => ({
  associationId: association.id,
  instanceId: instance.id,
  iamInstanceProfile: { arn: association.arn, id: association.profileId },
  state: 'associated',
  timestamp: new Date(association.since),
});

function newAssociation(call: Call): ProfileAssociation {
  const profile = findProfile(call.iam, struct(call.fields, 'IamInstanceProfile'));
  if (profile === undefined) throw missing('IamInstanceProfile');
  return { id: newId('iip-assoc'), arn: profileArn(profile), profileId: profile.id, since: call.now };
}

function associate(call: Call): Answer {
  const instance = instanceOf(call);
  const association = newAssociation(call);
  if (instance.profile !== undefined)
    throw new ApiError('IncorrectState', `There is an existing association for instance ${instance.id}`);
  instance.profile = association;
  return { iamInstanceProfileAssociation: render({ instance, association }) };
}

function entryOf(call: Call): Entry {
  const id = need(call.fields, 'AssociationId');
  const entry = entries(call).find(({ association }) => association.id === id);
  if (entry === undefined) throw notFound('rtbassoc', id);
  return entry;
}

function replace(call: Call): Answer {
  const { instance } = entryOf(call);
  const association = newAssociation(call);
  instance.profile = association;
  return { iamInstanceProfileAssociation: render({ instance, association }) };
}

function disassociate(call: Call): Answer {
  const entry = entryOf(call);
  entry.instance.profile = undefined;
  return { iamInstanceProfileAssociation: render(entry) };
}

export const profileAssociationActions: Actions = {
  DescribeIamInstanceProfileAssociations: (call) =>
    listed('iamInstanceProfileAssociationSet', select(call.fields, entries(call), kind), render),
  AssociateIamInstanceProfile: associate,
  ReplaceIamInstanceProfileAssociation: replace,
  DisassociateIamInstanceProfile: disassociate,
};
