import { ApiError } from '../../protocol/api-error.js';
import type { Fields } from '../../protocol/form.js';
import { need, struct, structs, text, texts } from '../../protocol/params.js';
import type { Answer } from '../../protocol/xml.js';
import type { Action, Actions, Call } from '../call.js';
import { newId } from '../ids.js';
import { DONE, listed, PAGE, select, type Describable } from './describe.js';
import { missing, notFound } from './errors.js';
import type { Ec2Region, Group, Rule } from './model.js';
import {
  checkedText,
  checkPeerGroup,
  cidr4,
  cidr6,
  identity,
  readPermissions,
  readTraffic,
  renderRule,
  type RuleDraft,
} from './rule-shapes.js';
import { groupOf } from './security-groups.js';
import { tagsFor } from './tagging.js';

const authorize =
  (egress: boolean): Action =>
  (call) => {
    const group = groupOf(call);
    const drafts = readPermissions(call.fields, call.ec2, group);
    if (drafts.length === 0) throw missing('ipPermissions');
    const there = group.rules.filter((rule) => rule.egress === egress);
    const known = new Set(there.map(identity));
    const twin = drafts.find((draft) => known.has(identity(draft)));
    if (twin !== undefined) throw new ApiError('InvalidPermission.Duplicate', duplicate(twin));
    if (there.length + drafts.length > call.limits.rulesPerGroup)
      throw new ApiError(
        'RulesPerSecurityGroupLimitExceeded',
        'The maximum number of rules per security group has been reached.',
      );
    const tags = tagsFor(call.fields, 'security-group-rule');
    const made = drafts.map((draft) => ({ ...draft, id: newId('sgr'), egress, tags: { ...tags } }));
    group.rules.push(...made);
    return {
      return: true,
      securityGroupRuleSet: made.map((rule) => renderRule(call.region, group, rule)),
    };
  };

function duplicate(rule: RuleDraft): string {
  const peer = rule.cidr4 ?? rule.cidr6 ?? rule.group ?? rule.prefixList ?? '';
  const ports =
    rule.fromPort === undefined
      ? ''
      : `, from port: ${rule.fromPort}, to port: ${rule.toPort ?? rule.fromPort}`;
  const protocol = rule.protocol === '-1' ? 'ALL' : rule.protocol.toUpperCase();
  return `the specified rule "peer: ${peer}, ${protocol}${ports}, ALLOW" already exists`;
}

const revoke =
  (egress: boolean): Action =>
  (call) => {
    const group = groupOf(call);
    const ids = texts(call.fields, 'SecurityGroupRuleId');
    const gone = ids.length > 0 ? byIds(group, ids, egress) : byPermissions(call, group, egress);
    group.rules = group.rules.filter((rule) => !gone.includes(rule));
    return {
      return: true,
      unknownIpPermissionSet: [],
      revokedSecurityGroupRuleSet: gone.map((rule) => ({
        securityGroupRuleId: rule.id,
        groupId: group.id,
        isEgress: rule.egress,
        ipProtocol: rule.protocol,
        fromPort: rule.fromPort ?? -1,
        toPort: rule.toPort ?? -1,
        cidrIpv4: rule.cidr4,
        cidrIpv6: rule.cidr6,
        prefixListId: rule.prefixList,
        referencedGroupId: rule.group,
        description: rule.description,
      })),
    };
  };

function byIds(group: Group, ids: readonly string[], egress: boolean): readonly Rule[] {
  return ids.map((id) => {
    const rule = group.rules.find((one) => one.id === id && one.egress === egress);
    if (rule === undefined) throw notFound('sgr', id);
    return rule;
  });
}

function byPermissions(call: Call, group: Group, egress: boolean): readonly Rule[] {
  const drafts = readPermissions(call.fields, call.ec2, group);
  if (drafts.length === 0) throw missing('ipPermissions');
  return drafts.map((draft) => {
    const rule = group.rules.find((one) => one.egress === egress && identity(one) === identity(draft));
    if (rule === undefined)
      throw new ApiError(
        'InvalidPermission.NotFound',
        'The specified rule does not exist in this security group.',
      );
    return rule;
  });
}

const describeTexts =
  (egress: boolean): Action =>
  (call) => {
    const group = groupOf(call);
    const given = structs(call.fields, 'SecurityGroupRuleDescription');
    const wanted = new Map<Rule, string | undefined>();
    for (const one of given) {
      const [rule] = byIds(group, [need(one, 'SecurityGroupRuleId')], egress);
      if (rule !== undefined) wanted.set(rule, text(one, 'Description'));
    }
    if (given.length === 0) {
      const drafts = readPermissions(call.fields, call.ec2, group);
      byPermissions(call, group, egress).forEach((rule, index) =>
        wanted.set(rule, drafts[index]?.description),
      );
    }
    group.rules = group.rules.map((rule) =>
      wanted.has(rule) ? { ...rule, description: wanted.get(rule) } : rule,
    );
    return DONE;
  };

function modify(call: Call): Answer {
  const group = groupOf(call);
  const updates = structs(call.fields, 'SecurityGroupRule');
  if (updates.length === 0) throw missing('SecurityGroupRule');
  const changed = new Map<string, Rule>();
  for (const update of updates) {
    const id = need(update, 'SecurityGroupRuleId');
    const rule = group.rules.find((one) => one.id === id);
    if (rule === undefined) throw notFound('sgr', id);
    const draft = readUpdate(struct(update, 'SecurityGroupRule') ?? {}, call.ec2, group);
    changed.set(id, { ...draft, id, egress: rule.egress, tags: rule.tags });
  }
  const after = group.rules.map((rule) => changed.get(rule.id) ?? rule);
  const keys = after.map((rule) => `${rule.egress} ${identity(rule)}`);
  const twin = after.find((_, index) => keys.indexOf(keys[index] ?? '') !== index);
  if (twin !== undefined) throw new ApiError('InvalidPermission.Duplicate', duplicate(twin));
  group.rules = after;
  return DONE;
}

function readUpdate(fields: Fields, ec2: Ec2Region, group: Group): RuleDraft {
  const peer = {
    four: text(fields, 'CidrIpv4'),
    six: text(fields, 'CidrIpv6'),
    group: text(fields, 'ReferencedGroupId'),
    prefixList: text(fields, 'PrefixListId'),
  };
  if (Object.values(peer).filter((one) => one !== undefined).length !== 1)
    throw new ApiError(
      'InvalidParameterCombination',
      'You must specify exactly one of CidrIpv4, CidrIpv6, PrefixListId, or ReferencedGroupId.',
    );
  return {
    ...readTraffic(fields),
    ...(peer.four === undefined ? {} : { cidr4: cidr4(peer.four) }),
    ...(peer.six === undefined ? {} : { cidr6: cidr6(peer.six) }),
    ...(peer.group === undefined ? {} : { group: checkPeerGroup(peer.group, ec2, group) }),
    ...(peer.prefixList === undefined ? {} : { prefixList: peer.prefixList }),
    description: checkedText(text(fields, 'Description') ?? '', 'description') || undefined,
  };
}

interface Entry {
  readonly group: Group;
  readonly rule: Rule;
}

const kind: Describable<Entry> = {
  ids: { parameter: 'SecurityGroupRuleId', prefix: 'sgr', of: ({ rule }) => rule.id },
  tags: ({ rule }) => rule.tags,
  page: PAGE,
  filters: {
    'group-id': ({ group }) => group.id,
    'security-group-rule-id': ({ rule }) => rule.id,
  },
};

function describe({ fields, ec2, region }: Call): Answer {
  const entries = Object.values(ec2.groups).flatMap((group) => group.rules.map((rule) => ({ group, rule })));
  return listed('securityGroupRuleSet', select(fields, entries, kind), ({ group, rule }) =>
    renderRule(region, group, rule),
  );
}

export const securityGroupRuleActions: Actions = {
  AuthorizeSecurityGroupIngress: authorize(false),
  AuthorizeSecurityGroupEgress: authorize(true),
  RevokeSecurityGroupIngress: revoke(false),
  RevokeSecurityGroupEgress: revoke(true),
  UpdateSecurityGroupRuleDescriptionsIngress: describeTexts(false),
  UpdateSecurityGroupRuleDescriptionsEgress: describeTexts(true),
  ModifySecurityGroupRules: modify,
  DescribeSecurityGroupRules: describe,
};
