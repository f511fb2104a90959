import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteKeyPairCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteTagsCommand,
  DeleteVpcCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  type EC2Client,
  ImportKeyPairCommand,
  ModifyInstanceAttributeCommand,
  ModifyInstanceCreditSpecificationCommand,
  ModifyInstanceMetadataOptionsCommand,
  ModifyVolumeCommand,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';

/** What a dry run is asked about. Ids of what exists, else ids that nothing has: AWS checks the permission all the same. */
export interface DryRunIds {
  readonly vpc: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly table: string;
  readonly group: string;
  readonly instance: string;
  readonly volume: string;
  readonly image: string;
  readonly keyName: string;
}

type Send = (client: EC2Client) => Promise<unknown>;

const DryRun = true;
const association = 'rtbassoc-00000000000000000';
const route = '198.51.100.0/24';
const rules = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.1/32' }] }];
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA dry-run';

/** Every EC2 action that changes something, that cloudops uses and that can be rehearsed. Nothing is carried out. */
export function dryRuns(ids: DryRunIds): Readonly<Record<string, Send>> {
  return { ...network(ids), ...groups(ids), ...hosts(ids) };
}

function network({ vpc, subnet, gateway, table }: DryRunIds): Record<string, Send> {
  const VpcId = vpc;
  const RouteTableId = table;
  const InternetGatewayId = gateway;
  const to = { RouteTableId, DestinationCidrBlock: route };
  return {
    CreateVpc: (ec2) => ec2.send(new CreateVpcCommand({ DryRun, CidrBlock: '10.0.0.0/16' })),
    DeleteVpc: (ec2) => ec2.send(new DeleteVpcCommand({ DryRun, VpcId })),
    CreateSubnet: (ec2) => ec2.send(new CreateSubnetCommand({ DryRun, VpcId, CidrBlock: '10.0.1.0/24' })),
    DeleteSubnet: (ec2) => ec2.send(new DeleteSubnetCommand({ DryRun, SubnetId: subnet })),
    CreateInternetGateway: (ec2) => ec2.send(new CreateInternetGatewayCommand({ DryRun })),
    AttachInternetGateway: (ec2) =>
      ec2.send(new AttachInternetGatewayCommand({ DryRun, InternetGatewayId, VpcId })),
    DetachInternetGateway: (ec2) =>
      ec2.send(new DetachInternetGatewayCommand({ DryRun, InternetGatewayId, VpcId })),
    DeleteInternetGateway: (ec2) => ec2.send(new DeleteInternetGatewayCommand({ DryRun, InternetGatewayId })),
    CreateRouteTable: (ec2) => ec2.send(new CreateRouteTableCommand({ DryRun, VpcId })),
    DeleteRouteTable: (ec2) => ec2.send(new DeleteRouteTableCommand({ DryRun, RouteTableId })),
    CreateRoute: (ec2) => ec2.send(new CreateRouteCommand({ DryRun, ...to, GatewayId: gateway })),
    ReplaceRoute: (ec2) => ec2.send(new ReplaceRouteCommand({ DryRun, ...to, GatewayId: gateway })),
    DeleteRoute: (ec2) => ec2.send(new DeleteRouteCommand({ DryRun, ...to })),
    AssociateRouteTable: (ec2) =>
      ec2.send(new AssociateRouteTableCommand({ DryRun, RouteTableId, SubnetId: subnet })),
    ReplaceRouteTableAssociation: (ec2) =>
      ec2.send(new ReplaceRouteTableAssociationCommand({ DryRun, RouteTableId, AssociationId: association })),
    DisassociateRouteTable: (ec2) =>
      ec2.send(new DisassociateRouteTableCommand({ DryRun, AssociationId: association })),
  };
}

function groups({ vpc, group, keyName }: DryRunIds): Record<string, Send> {
  const GroupId = group;
  const KeyName = `${keyName}-dry-run`;
  const PublicKeyMaterial = Buffer.from(publicKey);
  const wanted = { GroupName: `${keyName}-dry-run`, Description: 'made by cloudops', VpcId: vpc };
  const change = { DryRun, GroupId, IpPermissions: rules };
  return {
    CreateSecurityGroup: (ec2) => ec2.send(new CreateSecurityGroupCommand({ DryRun, ...wanted })),
    DeleteSecurityGroup: (ec2) => ec2.send(new DeleteSecurityGroupCommand({ DryRun, GroupId })),
    AuthorizeSecurityGroupIngress: (ec2) => ec2.send(new AuthorizeSecurityGroupIngressCommand(change)),
    AuthorizeSecurityGroupEgress: (ec2) => ec2.send(new AuthorizeSecurityGroupEgressCommand(change)),
    RevokeSecurityGroupIngress: (ec2) => ec2.send(new RevokeSecurityGroupIngressCommand(change)),
    RevokeSecurityGroupEgress: (ec2) => ec2.send(new RevokeSecurityGroupEgressCommand(change)),
    ImportKeyPair: (ec2) => ec2.send(new ImportKeyPairCommand({ DryRun, KeyName, PublicKeyMaterial })),
    DeleteKeyPair: (ec2) => ec2.send(new DeleteKeyPairCommand({ DryRun, KeyName })),
  };
}

function hosts({ instance, volume, image, vpc }: DryRunIds): Record<string, Send> {
  const InstanceId = instance;
  const InstanceIds = [instance];
  const tagged = { DryRun, Resources: [vpc], Tags: [{ Key: 'cloudops:dry-run', Value: '' }] };
  const launch = { ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
  return {
    RunInstances: (ec2) => ec2.send(new RunInstancesCommand({ DryRun, ...launch })),
    StartInstances: (ec2) => ec2.send(new StartInstancesCommand({ DryRun, InstanceIds })),
    StopInstances: (ec2) => ec2.send(new StopInstancesCommand({ DryRun, InstanceIds })),
    TerminateInstances: (ec2) => ec2.send(new TerminateInstancesCommand({ DryRun, InstanceIds })),
    ModifyInstanceAttribute: (ec2) =>
      ec2.send(
        new ModifyInstanceAttributeCommand({ DryRun, InstanceId, InstanceType: { Value: 't3.micro' } }),
      ),
    ModifyInstanceMetadataOptions: (ec2) =>
      ec2.send(new ModifyInstanceMetadataOptionsCommand({ DryRun, InstanceId, HttpTokens: 'required' })),
    ModifyInstanceCreditSpecification: (ec2) =>
      ec2.send(
        new ModifyInstanceCreditSpecificationCommand({
          DryRun,
          InstanceCreditSpecifications: [{ InstanceId, CpuCredits: 'standard' }],
        }),
      ),
    ModifyVolume: (ec2) => ec2.send(new ModifyVolumeCommand({ DryRun, VolumeId: volume, Size: 100 })),
    CreateTags: (ec2) => ec2.send(new CreateTagsCommand(tagged)),
    DeleteTags: (ec2) => ec2.send(new DeleteTagsCommand(tagged)),
  };
}
