/** Names as the broker knows them: those of the contract behind the namespace of this installation. */
export class WireNames {
  private readonly prefix: string;

  constructor(namespace: string) {
    this.prefix = namespace === '' ? '' : `${namespace}.`;
  }

  toWire(name: string): string {
    return this.prefix + name;
  }

  fromWire(name: string): string {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : name;
  }
}
