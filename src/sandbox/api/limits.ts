/** The account's quotas; AWS's defaults. */
export interface Limits {
  readonly vpcsPerRegion: number;
  readonly gatewaysPerRegion: number;
  /** Virtual CPUs of running instances, per region. */
  readonly vcpus: number;
  readonly rulesPerGroup: number;
  readonly rolesPerAccount: number;
}

export const AWS_LIMITS: Limits = {
  vpcsPerRegion: 5,
  gatewaysPerRegion: 5,
  vcpus: 32,
  rulesPerGroup: 60,
  rolesPerAccount: 1000,
};
