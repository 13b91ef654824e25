/** Somebody who submits. */
export interface Tenant {
  readonly name: string;
  readonly id: string;
  readonly key: string;
}
