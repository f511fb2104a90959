import {
  AssociateRouteTableCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  paginateDescribeRouteTables,
  ReplaceRouteCommand,
  ReplaceRouteTableAssociationCommand,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import { type Candidate, elect } from '../elect.js';
import { ensure, remove, write } from '../ensure.js';
import { codeOf, isGone } from '../faults.js';
import { gather } from '../pages.js';
import type { Address, Aws, IdOf, ResourceKind } from '../resource.js';
import { ownTags, retag, stackFilter, tagKeys, tagOnCreate, tagRecord, type Tags } from '../tags.js';
import { token } from '../token.js';

export interface RouteTableSpec {
  readonly vpc: Address | undefined;
  /** Destination network to gateway. */
  readonly routes: Readonly<Record<string, string>>;
  readonly subnets: readonly Address[];
  readonly tags: Tags;
}

const listTables = (aws: Aws): Promise<RouteTable[]> =>
  gather(
    paginateDescribeRouteTables({ client: aws.ec2.read }, { Filters: [stackFilter(aws)] }),
    (page) => page.RouteTables,
  );

async function describe(aws: Aws, id: string): Promise<RouteTable | undefined> {
  const { RouteTables } = await aws.ec2.read.send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }));
  return RouteTables?.[0];
}

async function setRoute(aws: Aws, RouteTableId: string, DestinationCidrBlock: string, GatewayId: string) {
  const route = { RouteTableId, DestinationCidrBlock, GatewayId };
  await write(aws, async () => {
    try {
      await aws.ec2.write.send(new CreateRouteCommand(route));
    } catch (error) {
      if (codeOf(error) !== 'RouteAlreadyExists') throw error;
      await aws.ec2.write.send(new ReplaceRouteCommand(route));
    }
  });
}

async function associate(aws: Aws, RouteTableId: string, SubnetId: string): Promise<void> {
  await write(aws, async () => {
    try {
      await aws.ec2.write.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    } catch (error) {
      if (codeOf(error) !== 'Resource.AlreadyAssociated') throw error;
      await takeOver(aws, RouteTableId, SubnetId);
    }
  });
}

/** Moves a subnet of ours that somebody associated with another table; false where nobody did. */
async function takeOver(aws: Aws, RouteTableId: string, subnetId: string): Promise<boolean> {
  const Filters = [{ Name: 'association.subnet-id', Values: [subnetId] }];
  const { RouteTables } = await aws.ec2.read.send(new DescribeRouteTablesCommand({ Filters }));
  const association = RouteTables?.flatMap((table) => table.Associations ?? []).find(
    (one) => one.SubnetId === subnetId,
  );
  if (association?.RouteTableId === RouteTableId) return true;
  if (association === undefined) return false;
  const AssociationId = association.RouteTableAssociationId;
  await aws.ec2.write.send(new ReplaceRouteTableAssociationCommand({ AssociationId, RouteTableId }));
  return true;
}

/** Brings a subnet to the table from wherever it is. Looks first: some endpoints leave it where it is in silence. */
async function fetchSubnet(aws: Aws, RouteTableId: string, SubnetId: string): Promise<void> {
  const isHere = await write(aws, () => takeOver(aws, RouteTableId, SubnetId));
  if (isHere !== true) await associate(aws, RouteTableId, SubnetId);
}

/** Routes and subnets as `spec` has them; what the table has beyond them goes. */
async function arrange(aws: Aws, id: string, spec: RouteTableSpec, idOf: IdOf): Promise<void> {
  const table = await describe(aws, id);
  const subnets = spec.subnets.map((address) => idOf(address));
  const present = (table?.Associations ?? []).map(({ SubnetId }) => SubnetId);
  const missing = subnets.filter((subnetId) => !present.includes(subnetId));
  const strayRoutes = ownRoutes(table).filter(({ to }) => !(to in spec.routes));
  const stray = (table?.Associations ?? []).filter(
    (one) => one.Main !== true && !subnets.includes(one.SubnetId ?? ''),
  );
  await Promise.all([
    ...Object.entries(spec.routes).map(([to, via]) => setRoute(aws, id, to, idOf(via as Address))),
    ...strayRoutes.map(({ to }) => {
      const route = { RouteTableId: id, DestinationCidrBlock: to };
      return remove(aws, () => aws.ec2.write.send(new DeleteRouteCommand(route)));
    }),
    ...missing.map((subnetId) => fetchSubnet(aws, id, subnetId)),
    ...stray.map((one) => disassociate(aws, one.RouteTableAssociationId)),
  ]);
}

async function disassociate(aws: Aws, AssociationId: string | undefined): Promise<void> {
  await remove(aws, () => aws.ec2.write.send(new DisassociateRouteTableCommand({ AssociationId })));
}

function ownRoutes(table: RouteTable | undefined): { to: string; via: string | undefined }[] {
  return (table?.Routes ?? [])
    .filter((route) => route.GatewayId !== 'local' && route.DestinationCidrBlock !== undefined)
    .map((route) => ({
      to: route.DestinationCidrBlock ?? '',
      via:
        route.State === 'blackhole' ? undefined : (route.GatewayId ?? route.NatGatewayId ?? route.InstanceId),
    }));
}

/** The tables that route something, or that a subnet uses. */
async function filled(aws: Aws): Promise<string[]> {
  const tables = await listTables(aws);
  return tables
    .filter((one) => ownRoutes(one).length > 0 || (one.Associations ?? []).length > 0)
    .map((one) => one.RouteTableId ?? '');
}

/** Where the subnets' traffic goes. */
export const routeTable: ResourceKind<RouteTableSpec, RouteTable> = {
  kind: 'route-table',
  replaceOn: ['vpc'],
  needs: (spec) => [
    ...(spec.vpc === undefined ? [] : [spec.vpc]),
    ...Object.values(spec.routes).map((via) => via as Address),
    ...spec.subnets,
  ],
  standsOn: (spec) => (spec.vpc === undefined ? [] : [spec.vpc]),
  tagsOf: (raw) => tagRecord(raw.Tags),
  async list(aws) {
    const tables = await listTables(aws);
    return tables.map((raw) => {
      const id = raw.RouteTableId ?? '';
      return { name: tagRecord(raw.Tags)[tagKeys.name] ?? id, id, raw };
    });
  },
  read: (raw, nameOf) => ({
    vpc: nameOf('vpc', raw.VpcId) as Address,
    routes: Object.fromEntries(
      ownRoutes(raw).map(({ to, via }) => [to, nameOf('internet-gateway', via) ?? 'blackhole']),
    ),
    subnets: (raw.Associations ?? [])
      .filter((one) => one.Main !== true && one.SubnetId !== undefined)
      .map((one) => nameOf('subnet', one.SubnetId) as Address)
      .sort(),
    tags: ownTags(tagRecord(raw.Tags)),
  }),
  async create(aws, name, spec, idOf, signal) {
    const VpcId = idOf(spec.vpc as Address);
    const mine = async (): Promise<Candidate[]> => {
      const tables = await listTables(aws);
      return tables
        .filter((one) => one.VpcId === VpcId && tagRecord(one.Tags)[tagKeys.name] === name)
        .map((one) => ({ id: one.RouteTableId ?? '', tags: tagRecord(one.Tags) }));
    };
    const find = async (): Promise<string | undefined> => (await mine())[0]?.id;
    const ClientToken = token(VpcId, 'route-table', name, aws.operation);
    const make = async (): Promise<string | undefined> => {
      const TagSpecifications = tagOnCreate(aws, 'route-table', name, spec.tags);
      const command = new CreateRouteTableCommand({ VpcId, ClientToken, TagSpecifications });
      return (await aws.ec2.write.send(command)).RouteTable?.RouteTableId;
    };
    // Not counted as unique: some endpoints ignore the token.
    const made = await ensure(aws, {
      what: `route table ${name}`,
      duplicate: [],
      unique: false,
      signal,
      find,
      make,
    });
    const id = await elect(aws, made, {
      what: 'route table',
      candidates: mine,
      used: () => filled(aws),
      discard: (RouteTableId) => aws.ec2.write.send(new DeleteRouteTableCommand({ RouteTableId })),
      signal,
    });
    await Promise.all([
      ...Object.entries(spec.routes).map(([to, via]) => setRoute(aws, id, to, idOf(via as Address))),
      ...spec.subnets.map((address) => associate(aws, id, idOf(address))),
    ]);
    return id;
  },
  async update(aws, id, spec, changed, idOf) {
    if (changed.some((path) => /^(routes|subnets)(\.|$)/.test(path))) await arrange(aws, id, spec, idOf);
    await retag(aws, id, spec.tags, changed);
  },
  async delete(aws, id, signal) {
    let table: RouteTable | undefined;
    try {
      table = await describe(aws, id);
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
    const held = (table?.Associations ?? []).filter((one) => one.Main !== true);
    await Promise.all(held.map((one) => disassociate(aws, one.RouteTableAssociationId)));
    await remove(aws, () => aws.ec2.write.send(new DeleteRouteTableCommand({ RouteTableId: id })), signal);
  },
};
