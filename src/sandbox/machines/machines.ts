/** What a machine of the sandbox is started from: one EC2 instance. */
export interface MachineSpec {
  readonly instanceId: string;
  readonly vpcId: string;
  /** The VPC's CIDR: one Docker network a VPC. */
  readonly vpcCidr: string;
  /** The instance's private address, inside the VPC's CIDR. */
  readonly privateIp: string;
  /** Host name inside the machine, as AWS gives it: ip-10-0-1-10. */
  readonly hostname: string;
  /** OpenSSH public key of the imported key pair. */
  readonly publicKey: string | undefined;
  readonly userData: string | undefined;
  /** Docker is to run inside: more privileges than systemd alone needs, and a volume for its images. */
  readonly nested?: boolean;
}

export interface MachineExec {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Real machines behind the sandbox's instances. The API works without them (API-only). */
export interface Machines {
  /** Undefined when machines can be started, else one sentence why not. */
  unavailable(): Promise<string | undefined>;
  /** Starts a machine; resolves once it runs, with the address the operator's machine reaches it at. */
  start(spec: MachineSpec): Promise<{ readonly publicIp: string }>;
  /** Stops a machine, its disk kept. */
  stop(instanceId: string): Promise<void>;
  resume(instanceId: string): Promise<{ readonly publicIp: string }>;
  reboot(instanceId: string): Promise<void>;
  /** Removes a machine and its disk; one that is gone already is success. */
  remove(instanceId: string): Promise<void>;
  /** Removes the network of a VPC, if it was made. */
  removeNetwork(vpcId: string): Promise<void>;
  /** What AWS's console output would show: boot text and cloud-init's SSH host key block. Empty until sshd has keys. */
  console(instanceId: string): Promise<string>;
  /** Runs a shell script as root inside; what SSM Run Command stands on. */
  exec(instanceId: string, script: string, timeoutMs: number): Promise<MachineExec>;
}
